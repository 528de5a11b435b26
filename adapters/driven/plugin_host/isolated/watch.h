/* A descriptor on the loop. */
#pragma once

#include "core/base/error.h"

struct uv_loop_s;
struct watch;

/* Calls ready(arg) whenever `fd` can be read or its other end is closed. Takes `fd` over, on success. */
int watch_new(struct uv_loop_s *loop, int fd, void (*ready)(void *arg), void *arg,
              struct watch **out, struct error *err);
int watch_fd(const struct watch *watch);
/* Closes the descriptor when the loop turns; ready() is not called any more. NULL is allowed. */
void watch_free(struct watch *watch);
