/*
 * Hooks for those who have points to run them at. A domain does, where something is about to happen
 * or has happened:
 *
 *   if (hooks_any(hooks, HOOK_BEFORE_STATE_WRITE)) {           one branch if nobody hooks
 *       static const struct hook_member members[] = {{"scope", false}, {"key", false}, {"value", true}};
 *       const struct hook_event event = {.point = HOOK_BEFORE_STATE_WRITE, .target = key,
 *           .context = context, .members = members, .count = 3, .read = read_member, .arg = write};
 *       write->hooks = hooks_run(hooks, &event, hooked);       0: hooked() has been called
 *       return;
 *   }
 *   go_on(write);
 *
 * `read` appends one member of the data as JSON and is called only for what a hook reads. `hooked` is
 * told once what the hooks said, perhaps before hooks_run returns. Who does not wait for it any more
 * calls hooks_stop. A point that only tells something uses hooks_tell.
 *
 * What was said is already checked against what the point allows (point.h): a domain looks at `end`
 * and at the members that it let be changed, and for the rest at what it can do.
 *
 * All [loop]. `hooks` may be NULL: nobody hooks.
 */
#pragma once

#include "core/base/buffer.h"
#include "core/hook/point.h"
#include "ports/context.h"

/* A redirection of a redirection ...: no more than these. */
#define HOOK_REDIRECTS_MAX 8

/* Most operations of one fork. */
#define HOOK_FORKS_MAX 8

/* Longest answer of a hook, in bytes. */
#define HOOK_ANSWER_MAX ((size_t)1 << 20)

struct hooks;

/* One member of the data at a point. */
struct hook_member {
    const char *name;
    bool can_change; /* by "modified", where the point allows it */
};

/* Most members of one event. */
#define HOOK_MEMBERS_MAX 16

/* Something happens. The texts and the context are borrowed until done() or hooks_stop; the members
 * are static. */
struct hook_event {
    enum hook_point point;
    struct str custom; /* HOOK_CUSTOM: the NAME                                                  */
    struct str target; /* the name of the tool, the URI, the key ...: what `when` looks at       */
    const struct call_context *context; /* NULL: nobody asked                                    */
    const struct hook_member *members;
    uint32_t count;
    /* Appends the value of member number `member` as JSON. False: there is none. */
    bool (*read)(void *arg, uint32_t member, struct buffer *out);
    void *arg; /* given to read and done                                                         */
};

enum hook_result {
    HOOK_CONTINUE,
    HOOK_MODIFIED,
    HOOK_CANCEL,
    HOOK_REDIRECT,
    HOOK_REPLACE,
    HOOK_RETRY,
    HOOK_FORK,
    HOOK_CACHE,
    HOOK_SKIPPED,
    HOOK_RESULTS,
};

/* What all hooks of a chain said together; borrowed until done() returns. */
struct hook_outcome {
    enum hook_result end; /* HOOK_CONTINUE, HOOK_CANCEL, HOOK_REDIRECT or HOOK_REPLACE           */
    struct str hook;      /* who ended it; empty for HOOK_CONTINUE                               */
    struct str reason;    /* HOOK_CANCEL                                                         */
    struct str target;    /* HOOK_REDIRECT                                                       */
    struct str value;     /* HOOK_REPLACE: JSON                                                  */
    bool modified;
    /* By member: its new value, JSON; empty if it is as it was. */
    struct str changed[HOOK_MEMBERS_MAX];
    uint32_t attempts;    /* if it fails, again, so often in all; 0: no hook asked for it        */
    uint32_t delay_ms;    /* before each                                                         */
    struct str cache_key; /* its result may be kept under this for cache_ttl_ms, and used        */
    uint64_t cache_ttl_ms; /* 0: no hook asked for it                                            */
    struct str forks;     /* JSON array of {"point", "target", "data"}; empty: none              */
};

typedef void hooks_done_fn(void *arg, const struct hook_outcome *outcome);

/* Runs the chain of the point. Returns an id for hooks_stop, or 0 if done() has been called. */
uint64_t hooks_run(struct hooks *hooks, const struct hook_event *event, hooks_done_fn *done);

/* done() will not come; what hooks still do is given up. 0 and ids of runs that have ended are
 * ignored. */
void hooks_stop(struct hooks *hooks, uint64_t id);

/* Tells the hooks and does not care what they say. Nothing is borrowed after return. */
void hooks_tell(struct hooks *hooks, const struct hook_event *event);

/* Inside of struct hooks, first, so that asking is one branch. */
struct hooks_gate {
    bool any[HOOK_POINTS];
};

/* True if some hook may want to know of the point. */
static inline bool hooks_any(const struct hooks *hooks, enum hook_point point)
{
    return hooks && ((const struct hooks_gate *)(const void *)hooks)->any[point];
}

/* ---- results that were kept because of "cache" ------------------------------------------------- */

/* The result kept for this thing, caller and key, JSON, appended to `out`; false if there is none. */
bool hooks_cache_get(struct hooks *hooks, const struct hook_event *event, struct str key,
                     struct buffer *out);

/* Keeps the result. The least recently used ones make room. */
void hooks_cache_put(struct hooks *hooks, const struct hook_event *event, struct str key,
                     uint64_t ttl_ms, struct str result);
