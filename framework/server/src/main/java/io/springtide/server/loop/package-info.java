/** The one queue, the thread that decides, and the thread that makes happen what is durable. */
package io.springtide.server.loop;
