package io.springtide.server.access;

/** What a route asks for. */
public enum Right {
  /** None: monitoring and agents have no token, and what they read tells nothing of use. */
  PUBLIC("everybody"),
  /** Any token. */
  READ("a token"),
  /** Of the group that the job's id in the path names. */
  JOB_OF_PATH("an operator of the job's group"),
  /** Of a group that only the body names: the route asks itself, see {@link #of}. */
  JOB_OF_BODY("an operator of the job's group"),
  /** Of all groups: what it touches belongs to none. */
  ALL_GROUPS("an operator of all groups"),
  ADMIN("an admin");

  private final String who;

  Right(String who) {
    this.who = who;
  }

  /** Who has it, as it is said to who has not. */
  public String who() {
    return who;
  }

  /**
   * Whether somebody has it.
   *
   * @param job id that the path names; matters to {@link #JOB_OF_PATH} alone
   */
  public boolean of(Principal principal, String job) {
    return switch (this) {
      case PUBLIC, READ -> true;
      case JOB_OF_PATH -> principal.operates(group(job));
      case JOB_OF_BODY -> principal.has(Role.OPERATOR);
      case ALL_GROUPS ->
          principal.has(Role.ADMIN)
              || (principal.has(Role.OPERATOR) && principal.groups().isEmpty());
      case ADMIN -> principal.has(Role.ADMIN);
    };
  }

  /** The group of a job's id; of what is none, a group that nobody has. */
  private static String group(String job) {
    return job.substring(0, Math.max(0, job.lastIndexOf('.')));
  }
}
