@echo off
rem Runs Maven: the one on the PATH if it is 3.8 or newer, otherwise the one pinned in
rem .mvn\wrapper\maven-wrapper.properties, downloaded once, checked and kept under .m2\wrapper.
rem Needs curl, tar and certutil, which Windows brings along since version 10.
setlocal

set "pins=%~dp0.mvn\wrapper\maven-wrapper.properties"
set "mavenVersion="
set "distributionUrl="
set "distributionSha512Sum="
for /f "usebackq eol=# tokens=1,* delims==" %%a in ("%pins%") do set "%%a=%%b"
if not defined mavenVersion call :complain "mavenVersion is missing in %pins%" & exit /b 1
if not defined distributionUrl call :complain "distributionUrl is missing in %pins%" & exit /b 1
if not defined distributionSha512Sum call :complain "distributionSha512Sum is missing in %pins%" & exit /b 1

set "major="
set "minor="
where mvn >nul 2>nul || goto pinned
for /f "tokens=3" %%v in ('mvn --version 2^>nul ^| findstr /c:"Apache Maven"') do (
    for /f "tokens=1,2 delims=." %%a in ("%%v") do (
        set "major=%%a"
        set "minor=%%b"
    )
)
if not defined major goto pinned
if not defined minor goto pinned
if %major% LSS 3 goto pinned
if %major% EQU 3 if %minor% LSS 8 goto pinned
set "maven=mvn"
goto run

:pinned
if not defined MAVEN_USER_HOME set "MAVEN_USER_HOME=%USERPROFILE%\.m2"
set "dists=%MAVEN_USER_HOME%\wrapper\dists"
set "home=%dists%\apache-maven-%mavenVersion%"
set "maven=%home%\bin\mvn.cmd"
if exist "%maven%" goto run

rem A directory of its own, renamed at the end: an interrupted download leaves nothing that looks finished.
set "unfinished=%home%.%RANDOM%%RANDOM%"
mkdir "%unfinished%\maven" || exit /b 1
echo mvnw: downloading %distributionUrl% 1>&2
curl --fail --silent --show-error --location --output "%unfinished%\maven.tar.gz" "%distributionUrl%"
if errorlevel 1 call :discard "could not download %distributionUrl%" & exit /b 1
set "actual="
for /f "skip=1 delims=" %%h in ('certutil -hashfile "%unfinished%\maven.tar.gz" SHA512') do if not defined actual set "actual=%%h"
set "actual=%actual: =%"
if /i not "%actual%"=="%distributionSha512Sum%" (
    call :discard "%distributionUrl% has the wrong SHA-512: expected %distributionSha512Sum% but was %actual%"
    exit /b 1
)
tar -xzf "%unfinished%\maven.tar.gz" -C "%unfinished%\maven" --strip-components=1
if errorlevel 1 call :discard "could not unpack %distributionUrl%" & exit /b 1
if not exist "%home%" move "%unfinished%\maven" "%home%" >nul
rmdir /s /q "%unfinished%"

:run
call "%maven%" %*
exit /b %ERRORLEVEL%

:discard
rmdir /s /q "%unfinished%"

:complain
echo mvnw: %~1 1>&2
exit /b 1
