package io.springtide.server.config;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;

/** Why a file cannot be used, in words: exceptions often have only its name to say. */
public final class FileTrouble {
  private FileTrouble() {}

  public static String of(IOException e) {
    if (e instanceof AccessDeniedException) {
      return "this process may not";
    }
    if (e instanceof NoSuchFileException) {
      return "it is not there";
    }
    if (e instanceof FileAlreadyExistsException || e instanceof NotDirectoryException) {
      return "it is no directory";
    }
    String said = e instanceof FileSystemException file ? file.getReason() : e.getMessage();
    return said == null ? "the file system gives no reason" : said;
  }
}
