/*
 * Keeps SIGSYS from being blocked. A refused call raises it, and a process that has it blocked is
 * killed; many libraries block all signals in their threads. So a program that has the sandbox in it
 * has its own sigprocmask() and pthread_sigmask(), which libraries get too. A plugin can go around
 * them and gains nothing: it dies.
 */
#pragma once

/* Unblocks SIGSYS in the calling thread. */
void own_mask_unblock(void);
