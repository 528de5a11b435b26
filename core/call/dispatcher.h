/*
 * The call dispatcher: the life of a call from the request to its one outcome, be it of a tool, a
 * resource, a prompt, or the completion of an argument.
 *
 *   find the item -> policy -> check the arguments -> hooks -> wait for a slot -> run
 *   -> check the result -> hooks
 *
 * Every accepted call ends exactly once, by its result, an error, its deadline, or cancel().
 * A call that was given up keeps its slot until the plugin's function has returned, so that a
 * hanging plugin cannot take more threads than its slots.
 *
 * Everything runs on the loop thread. Arguments and results above DISPATCHER_LARGE are checked on a
 * worker over their immutable bytes.
 */
#pragma once

#include "core/hook/hooks.h"
#include "core/policy/policy.h"
#include "core/registry/registry.h"
#include "core/toolset/tool_set.h"
#include "ports/driven/clock.h"
#include "ports/driven/executor.h"
#include "ports/driven/missing_tools.h"
#include "ports/driven/regex.h"
#include "ports/driven/plugin_runtime.h"
#include "ports/driven/timer.h"
#include "ports/driving/call_service.h"

/* Texts longer than this many bytes are checked on a worker. */
#define DISPATCHER_LARGE ((size_t)64 * 1024)

/* What the dispatcher needs. All of it must outlive the dispatcher. */
struct dispatcher_parts {
    struct registry *registry; /* the dispatcher keeps its states beside the items */
    struct policy policy;
    const struct plugin_runtime *runtime;
    const struct clock_port *clock;
    const struct timer_port *timer;
    const struct executor_port *executor;
    const struct regex_port *regex;
    struct hooks *hooks; /* NULL: nobody hooks */
    struct tool_set *tools; /* NULL: all can be called */
    const struct missing_tools *missing; /* NULL: nothing is known */
};

struct dispatcher;

/* Attaches itself to the runtime. */
int dispatcher_new(const struct dispatcher_parts *parts, struct dispatcher **out,
                   struct error *err);

/* Calls that are still there are dropped without a report; end them before. NULL is allowed. */
void dispatcher_free(struct dispatcher *d);

/* The driving port. Lives as long as the dispatcher. */
const struct call_service *dispatcher_service(struct dispatcher *d);

/* Calls that run, wait, or hang after they were given up. */
size_t dispatcher_live(const struct dispatcher *d);
