package io.springtide.server.http;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.server.handler.ErrorHandler;
import org.eclipse.jetty.util.Callback;

/** What the HTTP server refuses before it asks us, in the form in which we refuse. */
final class JettyProblems extends ErrorHandler {
  @Override
  public boolean errorPageForMethod(String method) {
    return true;
  }

  @Override
  protected void generateResponse(
      Request request,
      Response response,
      int code,
      String message,
      Throwable cause,
      Callback callback) {
    response.getHeaders().put(HttpHeader.CONTENT_TYPE, Problem.TYPE);
    byte[] body = of(code).document().toString().getBytes(StandardCharsets.UTF_8);
    response.write(true, ByteBuffer.wrap(body), callback);
  }

  private static Problem of(int code) {
    return switch (code) {
      case 400 ->
          new Problem(
              code,
              "Not HTTP as it should be",
              "the request's first line, address or headers cannot be read",
              "",
              "encode '/', '%', '#' and what is not ASCII in names, such as %23 for #");
      case 408 -> new Problem(code, "Too slow", "the request did not end", "", "send it again");
      case 413 ->
          new Problem(
              code, "Too large", "the body has more than 1 MiB", "", "send a smaller document");
      case 414 ->
          new Problem(
              code, "Address too long", "the address is too long", "", "send a shorter address");
      case 431 ->
          new Problem(
              code, "Headers too long", "the headers have more than 8 KiB", "", "send fewer");
      case 503 -> Problem.unavailable("this process is starting or ending", "try again");
      default ->
          new Problem(
              code,
              code < 500 ? "Refused" : "Our fault",
              "the HTTP server answers " + code,
              "",
              "see docs/http-api.md");
    };
  }
}
