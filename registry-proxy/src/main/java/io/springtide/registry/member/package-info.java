/** The proxies behind one name: who is there, and which of them asks upstream for a blob. */
package io.springtide.registry.member;
