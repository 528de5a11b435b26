/* Tells hooks of what plugins tried and were not granted, on whichever thread they did. */
#pragma once

#include "core/hook/hooks.h"
#include "ports/driven/denials.h"

struct loop;
struct hook_denials;

/* `next` is told first. NULL without memory. */
struct hook_denials *hook_denials_new(struct loop *loop, const struct denials_port *next);

/* When no thread of a plugin is left. NULL is allowed. */
void hook_denials_free(struct hook_denials *denials);

const struct denials_port *hook_denials_port(const struct hook_denials *denials);

/* [loop] From now on; NULL: nobody is told any more. */
void hook_denials_set(struct hook_denials *denials, struct hooks *hooks);
