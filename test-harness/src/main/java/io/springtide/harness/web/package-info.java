/**
 * The smallest HTTP server that is worth scheduling: what the demo and the tests run where there is
 * no container engine. It must not know anything of Springtide but the environment it is given.
 */
package io.springtide.harness.web;
