package io.springtide.cloud;

import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * One kind of cloud that can bring hosts. To add one, implement this interface with a public
 * constructor without arguments and name the class in {@code
 * META-INF/services/io.springtide.cloud.CloudDriver}.
 *
 * <p>A driver asks once and reports what came of it: it never retries by itself. Whoever calls
 * keeps the token and decides when to ask again (see {@link CloudException.Fault}). Methods may be
 * called from several threads, and block for at most a minute.
 */
public interface CloudDriver extends AutoCloseable {

  /** The name that a pool's template gives as its {@code driver}, such as {@code aliyun-ecs}. */
  String name();

  /**
   * Checks a template's own keys before anything is ordered with them.
   *
   * @throws IllegalArgumentException naming the key, what is wrong with its value and what to write
   */
  void check(Map<String, String> settings);

  /**
   * Orders hosts. The same token with the same request orders nothing new and answers with the
   * hosts it brought: so an order whose outcome is unknown is settled by asking again.
   *
   * @return the hosts that will come, between none and {@code request.count()}: a cloud may bring
   *     only a part, and then will not bring the rest for this token
   * @throws CloudException when there are none, or it is not known
   */
  List<CloudHost> order(OrderRequest request) throws CloudException, InterruptedException;

  /**
   * The hosts that carry the account's cluster tag, whatever became of the order that asked for
   * them. Hosts released long ago may be missing; a host just ordered may not be there yet.
   */
  List<CloudHost> list(CloudAccount account) throws CloudException, InterruptedException;

  /** No release names more hosts than this, so that it ends within a minute. */
  int MAX_RELEASED = 100;

  /**
   * Gives hosts back, by id and never by number. An id that is released already counts as done.
   *
   * @param ids at most {@link #MAX_RELEASED}
   * @return those of them that the account does not know: released long ago, not visible yet, or
   *     never here. Only {@link #list} tells which; all others are given back
   * @throws CloudException when any of them may still be there; ask again with all of them
   */
  Set<String> release(CloudAccount account, Set<String> ids)
      throws CloudException, InterruptedException;

  @Override
  void close();
}
