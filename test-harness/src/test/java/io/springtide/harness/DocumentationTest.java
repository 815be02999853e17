package io.springtide.harness;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The index has every decision, and links, headings and tests that pages name exist. */
class DocumentationTest {
  private static final Path ROOT = Path.of("..").toAbsolutePath().normalize();
  private static final Path DOCS = ROOT.resolve("docs");
  private static final Path DECISIONS = DOCS.resolve("decisions");
  private static final Path INDEX = DECISIONS.resolve("README.md");

  private static final Pattern FILE = Pattern.compile("(\\d{4})-[a-z0-9-]+\\.md");
  private static final Pattern HEAD =
      Pattern.compile(
          "\\A# (?<number>\\d{4}): (?<title>.+)\n\n"
              + "Status: (?<status>.+)\\. Date: (?<date>\\d{4}-\\d{2}-\\d{2})\\.\n");
  private static final Pattern ROW =
      Pattern.compile(
          "\\| (?<number>\\d{4}) \\| \\[(?<title>.+?)]\\((?<file>\\S+)\\) "
              + "\\| (?<status>.+) \\| (?<date>\\d{4}-\\d{2}-\\d{2}) \\|");
  private static final String STATUS =
      "stands|planned|(stands, in part )?replaced by \\[(\\d{4})]\\(\\2-[a-z0-9-]+\\.md\\)";

  private static final Pattern BLOCK = Pattern.compile("(?ms)^```.*?^```$");
  private static final Pattern INLINE = Pattern.compile("`[^`\n]+`");
  private static final Pattern TEST =
      Pattern.compile(
          "(?<![*\\w])(?<class>[A-Z][a-zA-Z]*(?:Test|Properties|IT))\\b(?:\\.(?<method>\\w+))?");
  private static final Pattern LINK = Pattern.compile("]\\(([^)\\s]+)\\)");
  private static final Pattern HEADING = Pattern.compile("(?m)^#{1,6} +(.+?) *$");

  /** A decision, as its page or as the index tells it. */
  private record Decision(String number, String title, String file, String status, String date) {}

  @Test
  void everyDecisionIsInTheIndexOnce() throws IOException {
    assertThat(index()).as("%s", INDEX).containsExactlyInAnyOrderElementsOf(pages());
  }

  @Test
  void everyDecisionHasANumberOfItsOwn() throws IOException {
    assertThat(pages()).extracting(Decision::number).doesNotHaveDuplicates();
  }

  @Test
  void everyDecisionSaysWhetherItStandsAndSinceWhen() throws IOException {
    for (Decision page : pages()) {
      assertThat(page.status()).as("status of %s", page.file()).matches(STATUS);
      assertThat(LocalDate.parse(page.date())).as("date of %s", page.file()).isNotNull();
    }
  }

  @Test
  void everyDecisionHasTheSameThreeSections() throws IOException {
    for (Decision page : pages()) {
      String text = Files.readString(DECISIONS.resolve(page.file()));
      assertThat(HEADING.matcher(withoutCode(text)).results().skip(1).map(it -> it.group(1)))
          .as("sections of %s", page.file())
          .containsExactly("Context", "Decision", "Consequence");
    }
  }

  @Test
  void everyLinkLeadsSomewhere() throws IOException {
    Map<Path, TreeSet<String>> anchors = new HashMap<>();
    List<String> broken = new ArrayList<>();
    int seen = 0;
    for (Path file : readByPeople()) {
      Matcher link = LINK.matcher(withoutCode(Files.readString(file)));
      while (link.find()) {
        seen++;
        if (!leadsSomewhere(file, link.group(1), anchors)) {
          broken.add(ROOT.relativize(file) + " → " + link.group(1));
        }
      }
    }
    assertThat(broken).as("links that lead nowhere").isEmpty();
    assertThat(seen).isGreaterThan(100);
  }

  @Test
  void everyTestThatIsNamedExists() throws IOException {
    Map<String, Path> tests = tests();
    List<String> missing = new ArrayList<>();
    int seen = 0;
    for (Path file : readByPeople()) {
      Matcher code = INLINE.matcher(BLOCK.matcher(Files.readString(file)).replaceAll(""));
      while (code.find()) {
        Matcher test = TEST.matcher(code.group());
        while (test.find()) {
          seen++;
          Path source = tests.get(test.group("class"));
          String method = test.group("method");
          if (source == null || (method != null && !Files.readString(source).contains(method))) {
            missing.add(ROOT.relativize(file) + " names " + test.group());
          }
        }
      }
    }
    assertThat(missing).as("tests that are named and do not exist").isEmpty();
    assertThat(seen).isGreaterThan(50);
  }

  /** The sources of all modules' tests, by class. */
  private static Map<String, Path> tests() throws IOException {
    Map<String, Path> tests = new HashMap<>();
    try (Stream<Path> modules = Files.find(ROOT, 2, (path, it) -> it.isDirectory())) {
      for (Path sources : modules.map(it -> it.resolve("src/test/java")).toList()) {
        if (Files.isDirectory(sources)) {
          try (Stream<Path> files = Files.walk(sources)) {
            files.forEach(it -> tests.put(it.getFileName().toString().replace(".java", ""), it));
          }
        }
      }
    }
    return tests;
  }

  private static boolean leadsSomewhere(Path file, String link, Map<Path, TreeSet<String>> anchors)
      throws IOException {
    if (link.matches("[a-z]+:.*")) {
      return true; // Another site: not ours to hold.
    }
    String[] parts = link.split("#", 2);
    Path target = parts[0].isEmpty() ? file : file.resolveSibling(parts[0]).normalize();
    if (!target.startsWith(ROOT) || !Files.exists(target)) {
      return false;
    }
    if (parts.length == 1) {
      return true;
    }
    if (!anchors.containsKey(target)) {
      anchors.put(target, anchorsOf(Files.readString(target)));
    }
    return anchors.get(target).contains(parts[1]);
  }

  /** The names that GitHub gives to a page's headings. */
  private static TreeSet<String> anchorsOf(String text) {
    TreeSet<String> anchors = new TreeSet<>();
    Matcher heading = HEADING.matcher(BLOCK.matcher(text).replaceAll(""));
    while (heading.find()) {
      String anchor =
          heading
              .group(1)
              .toLowerCase(Locale.ROOT)
              .replaceAll("[^\\p{L}\\p{N} _-]", "")
              .replace(' ', '-');
      String name = anchor;
      for (int i = 1; !anchors.add(name); i++) {
        name = anchor + "-" + i;
      }
    }
    return anchors;
  }

  private static List<Decision> pages() throws IOException {
    List<Decision> pages = new ArrayList<>();
    for (Path file : filesOf(DECISIONS)) {
      if (file.equals(INDEX)) {
        continue;
      }
      String name = file.getFileName().toString();
      Matcher named = FILE.matcher(name);
      Matcher head = HEAD.matcher(Files.readString(file));
      assertThat(named.matches()).as("%s is named NNNN-its-matter.md", name).isTrue();
      assertThat(head.find())
          .as("%s begins '# NNNN: Title', '', 'Status: stands. Date: YYYY-MM-DD.'", name)
          .isTrue();
      assertThat(head.group("number")).as("number in %s", name).isEqualTo(named.group(1));
      pages.add(decision(head, name));
    }
    return pages;
  }

  private static List<Decision> index() throws IOException {
    List<Decision> rows = new ArrayList<>();
    for (String line : Files.readAllLines(INDEX)) {
      Matcher row = ROW.matcher(line);
      if (row.matches()) {
        rows.add(decision(row, row.group("file")));
      } else {
        assertThat(line).as("a line of the index").doesNotContain("](");
      }
    }
    return rows;
  }

  private static Decision decision(Matcher it, String file) {
    return new Decision(
        it.group("number"), it.group("title"), file, it.group("status"), it.group("date"));
  }

  private static List<Path> readByPeople() throws IOException {
    List<Path> files = new ArrayList<>(List.of(ROOT.resolve("README.md")));
    for (Path folder : List.of(DOCS, DECISIONS, ROOT.resolve("examples"))) {
      files.addAll(filesOf(folder));
    }
    return files;
  }

  private static List<Path> filesOf(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.filter(Files::isRegularFile).sorted().toList();
    }
  }

  private static String withoutCode(String text) {
    return INLINE.matcher(BLOCK.matcher(text).replaceAll("")).replaceAll("");
  }
}
