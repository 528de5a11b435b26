/*
 * hexmcp.examples.everything shows each primitive of MCP once, written against include/hexmcp alone.
 * All answers are the same in each run.
 *
 * plugin.c makes the instance; tools.c, resources.c and prompts.c are the tables; every other file is
 * one primitive.
 */
#ifndef EVERYTHING_H
#define EVERYTHING_H

#include <pthread.h>
#include <stdatomic.h>

#include "hexmcp/host/catalog.h"
#include "hexmcp/host/notify.h"
#include "hexmcp/plugin.h"
#include "hexmcp/simple.h"

/* Makes a string of JSON, to be read better. */
#define JSON(...) #__VA_ARGS__

struct counting; /* count.c */

/* The state of the instance. Calls run on several threads at once: what changes is atomic or has a
 * lock. */
struct everything {
    const hexmcp_host *host;
    const hexmcp_timer_1 *timer;     /* services of the host; set by init        */
    const hexmcp_catalog_1 *catalog; /* NULL if the host has none, as is the next */
    const hexmcp_notify_1 *notify;

    char greeting[64];  /* a setting, set by init */
    atomic_int counter; /* of everything://counter */

    pthread_mutex_t lock;
    struct counting *countings; /* the calls of `count` that run; under `lock` */
};

static inline struct everything *self_of(const hexmcp_round *r)
{
    return (struct everything *)r->self;
}

/* Answers a round that ended without input. */
static inline int32_t answer_refused(const hexmcp_round *r, int answer)
{
    return hexmcp_round_textf(r, answer == HEXMCP_ANSWER_DECLINED ? "declined" : "cancelled");
}

/* tools.c, resources.c, prompts.c */
extern const hexmcp_simple_item tools[];
extern const hexmcp_simple_item resources[];
extern const hexmcp_simple_item prompts[];

/* Suggestions: for `country` and `city` of the template and of the prompt (complete.c), and for all
 * variables of templates (templates.c). */
int32_t suggest_place(const hexmcp_round *r, hexmcp_str argument, hexmcp_str typed);
int32_t suggest_for_template(const hexmcp_round *r, hexmcp_str argument, hexmcp_str typed);

/* one file each */
int32_t tool_echo(const hexmcp_round *r);
int32_t tool_add(const hexmcp_round *r);
int32_t tool_content(const hexmcp_round *r);
int32_t tool_count(const hexmcp_round *r);
void count_cancel(void *state, hexmcp_call call);
int32_t tool_fail(const hexmcp_round *r);
int32_t tool_touch(const hexmcp_round *r);
int32_t tool_trace(const hexmcp_round *r);
int32_t tool_publish(const hexmcp_round *r);
int32_t tool_withdraw(const hexmcp_round *r);
int32_t tool_slow_task(const hexmcp_round *r);
int32_t task_only_begin(const hexmcp_round *r);
int32_t task_only_resume(const hexmcp_round *r);
int32_t ask_name_begin(const hexmcp_round *r);
int32_t ask_name_resume(const hexmcp_round *r);
int32_t ask_twice_begin(const hexmcp_round *r);
int32_t ask_twice_resume(const hexmcp_round *r);
int32_t open_page_begin(const hexmcp_round *r);
int32_t open_page_resume(const hexmcp_round *r);
int32_t ask_model_begin(const hexmcp_round *r);
int32_t ask_model_resume(const hexmcp_round *r);
int32_t list_roots_begin(const hexmcp_round *r);
int32_t list_roots_resume(const hexmcp_round *r);
int32_t ask_optional_begin(const hexmcp_round *r);
int32_t ask_optional_resume(const hexmcp_round *r);

int32_t read_secret(const hexmcp_round *r);
int32_t resume_secret(const hexmcp_round *r);
int32_t read_template(const hexmcp_round *r);

#endif
