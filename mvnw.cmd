@echo off
@rem Runs Maven: the one on the PATH if it is 3.8 or newer, otherwise the one that
@rem .mvn\wrapper\maven-wrapper.properties names, downloaded once and checked against its SHA-512.
setlocal
set "HERE=%~dp0"
for /f "tokens=3" %%v in ('mvn --version 2^>nul ^| findstr /b /c:"Apache Maven"') do set "FOUND=%%v"
if not defined FOUND goto download
for /f "tokens=1,2 delims=." %%a in ("%FOUND%") do (
  if %%a gtr 3 goto path
  if %%a equ 3 if %%b geq 8 goto path
)
goto download

:path
call mvn %*
exit /b %ERRORLEVEL%

:download
for /f "usebackq tokens=1,* delims==" %%a in ("%HERE%.mvn\wrapper\maven-wrapper.properties") do set "%%a=%%b"
for %%u in ("%distributionUrl%") do set "NAME=%%~nu"
set "NAME=%NAME:-bin.tar=%"
set "HOME_DIR=%USERPROFILE%\.m2\wrapper\dists\%NAME%"
if exist "%HOME_DIR%\bin\mvn.cmd" goto run
powershell -NoProfile -ExecutionPolicy Bypass -Command ^
  "$ErrorActionPreference='Stop';" ^
  "$parent=Split-Path '%HOME_DIR%'; New-Item -ItemType Directory -Force $parent | Out-Null;" ^
  "$archive=Join-Path $parent '%NAME%.tar.gz';" ^
  "Write-Host 'mvnw: downloading %distributionUrl%';" ^
  "Invoke-WebRequest -UseBasicParsing '%distributionUrl%' -OutFile $archive;" ^
  "$sum=(Get-FileHash -Algorithm SHA512 $archive).Hash.ToLower();" ^
  "if ($sum -ne '%distributionSha512Sum%') { Remove-Item $archive; throw \"mvnw: wrong SHA-512: expected %distributionSha512Sum% but was $sum\" };" ^
  "tar -xzf $archive -C $parent; Remove-Item $archive"
if errorlevel 1 exit /b 1

:run
call "%HOME_DIR%\bin\mvn.cmd" %*
exit /b %ERRORLEVEL%
