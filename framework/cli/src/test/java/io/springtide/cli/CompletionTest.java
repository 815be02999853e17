package io.springtide.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The script that has a shell complete commands. */
class CompletionTest {
  @TempDir Path dir;

  @Test
  void theScriptIsBashAndCompletes() throws Exception {
    Path script = Files.writeString(dir.resolve("tide.bash"), printed("bash"));
    assertThat(bash("-n", script.toString())).isEmpty();
    assertThat(completed(script, "tide", "job", "st")).contains("status", "stop");
    assertThat(completed(script, "tide", "group", "de")).contains("delete");
    assertThat(completed(script, "tide", "host", "list", "--wa")).contains("--watch");
    assertThat(completed(script, "tide", "ev")).contains("events");
    assertThat(completed(script, "tide", "job", "list", "--output", "ya")).contains("yaml");
  }

  @Test
  void zshReadsTheSameByItsOwnMeans() {
    assertThat(printed("zsh")).isEqualTo(printed("bash")).contains("bashcompinit");
    StringWriter err = new StringWriter();
    PrintWriter nowhere = new PrintWriter(new StringWriter());
    assertThat(TideMain.run(nowhere, new PrintWriter(err, true), "completion", "fish"))
        .isEqualTo(2);
    assertThat(err.toString()).contains("bash, zsh");
  }

  private static String printed(String shell) {
    StringWriter out = new StringWriter();
    PrintWriter err = new PrintWriter(new StringWriter());
    assertThat(TideMain.run(new PrintWriter(out, true), err, "completion", shell)).isZero();
    return out.toString();
  }

  /** What bash proposes for the last of these words. */
  private static List<String> completed(Path script, String... words) throws Exception {
    String said =
        bash(
            "-c",
            "source "
                + script
                + "; COMP_WORDS=("
                + String.join(" ", words)
                + "); COMP_CWORD="
                + (words.length - 1)
                + "; COMP_LINE='"
                + String.join(" ", words)
                + "'; COMP_POINT=${#COMP_LINE}; _complete_tide; printf '%s\\n"
                + "' \"${COMPREPLY[@]}\"");
    return said.lines().map(String::strip).toList();
  }

  private static String bash(String... arguments) throws Exception {
    List<String> command = new java.util.ArrayList<>(List.of("bash"));
    command.addAll(List.of(arguments));
    Process bash = new ProcessBuilder(command).redirectErrorStream(true).start();
    String said = new String(bash.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(bash.waitFor()).as(said).isZero();
    return said;
  }
}
