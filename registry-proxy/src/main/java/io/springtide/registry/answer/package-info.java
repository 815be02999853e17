/**
 * What is answered to each kind of request: blobs, manifests, the swarm's announcements and pieces,
 * and what the admin may do.
 */
package io.springtide.registry.answer;
