package dev.hawser.benchmarks;

import dev.hawser.benchmarks.SideBySide.Scenario;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** What it costs to record meters: loads our echo without them and with them, in turns, and prints CPU time for each message. */
public final class Recording {

    private Recording() {}

    public static void main(String[] arguments) throws Exception {
        StringBuilder table = new StringBuilder("| load | without meters | with meters | ratio |\n|---|---|---|---|\n");
        for (Scenario scenario : SideBySide.SCENARIOS.subList(0, 3)) {
            List<Double> without = new ArrayList<>();
            List<Double> with = new ArrayList<>();
            for (int round = 0; round < SideBySide.ROUNDS; round++) {
                without.add(SideBySide.microsForEachMessage(HawserEcho.class, scenario));
                with.add(SideBySide.microsForEachMessage(MeasuredEcho.class, scenario));
            }
            double plain = SideBySide.median(without);
            double measured = SideBySide.median(with);
            table.append(String.format(
                    Locale.ROOT,
                    "| %s, CPU µs a message | %.2f | %.2f | %.2f |%n",
                    scenario.name(),
                    plain,
                    measured,
                    measured / plain));
        }
        System.out.print(table);
        Files.writeString(Path.of("target/recording.md"), table);
    }
}
