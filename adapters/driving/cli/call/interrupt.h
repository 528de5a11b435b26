/*
 * Ctrl-C while a call runs. The first one is told to the loop, so that the call can be cancelled; the
 * second one ends the process at once with EXIT_INTERRUPTED.
 */
#pragma once

#include <stdbool.h>

#include "core/base/error.h"

struct loop;

/* Has fn(arg) called on the loop at the first Ctrl-C. Where SIGINT is ignored, as in a background
 * job, it stays ignored. One at a time. */
int interrupt_begin(struct loop *loop, void (*fn)(void *arg), void *arg, struct error *err);

/* Ctrl-C does again what it did before. */
void interrupt_end(struct loop *loop);

/* True once it was pressed. */
bool interrupt_seen(void);
