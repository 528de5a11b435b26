/*
 * hexmcp.examples.everything shows each primitive of MCP once, written against include/hexmcp alone
 * and without simple.h, so that every table can be seen. All answers are the same in each run.
 *
 * plugin.c makes the instance; tools.c, resources.c and prompts.c hold the three tables and tell
 * the host's calls apart by name; every other file is one primitive.
 */
#ifndef EVERYTHING_H
#define EVERYTHING_H

#include <pthread.h>
#include <stdatomic.h>

#include "hexmcp/host/catalog.h"
#include "hexmcp/host/notify.h"
#include "hexmcp/json.h"
#include "hexmcp/plugin.h"

struct counting; /* count.c */

/* The instance. Calls run on several threads at once: what changes is atomic or has a lock. */
struct everything {
    hexmcp_plugin plugin;
    hexmcp_tool_1 tool;
    hexmcp_resource_1 resource;
    hexmcp_prompt_1 prompt;

    const hexmcp_host *host;
    const hexmcp_call_info_1 *calls; /* services of the host; set by init                        */
    const hexmcp_timer_1 *timer;
    const hexmcp_catalog_1 *catalog; /* NULL if the host has none, as is the next */
    const hexmcp_notify_1 *notify;

    char greeting[64];  /* a setting, set by init */
    atomic_int counter; /* of everything://counter */

    pthread_mutex_t lock;
    struct counting *countings; /* the calls of `count` that run; under `lock` */
};

/* One call, or one round of a call that asked for input. The texts are borrowed until return. */
struct round {
    struct everything *self;
    hexmcp_call call;
    hexmcp_str name;    /* of the tool or prompt; the URI of a resource      */
    hexmcp_str args;    /* JSON: arguments, or the variables of a template   */
    hexmcp_str state;   /* JSON: what the last round left; empty in the first round */
    hexmcp_str answers; /* JSON: {key: result}; empty in the first round     */
    hexmcp_error *err;
};

/* Answers a round. Returns as hexmcp_tool_1.call does. */
typedef int32_t (*round_fn)(const struct round *r);

struct entry {
    const char *name;
    round_fn call;
    round_fn resume; /* NULL: never asks for input */
};

/* tools.c, resources.c, prompts.c: fill the tables of the instance */
void tools_init(struct everything *self);
void resources_init(struct everything *self);
void prompts_init(struct everything *self);

/* round.c */
/* 1 if the text is `wanted`. */
int str_is(hexmcp_str text, const char *wanted);
/* 1 if the text begins with `start`. */
int str_begins(hexmcp_str text, const char *start);
/* The entry of this name; NULL if there is none. */
const struct entry *find_entry(const struct entry *entries, size_t count, hexmcp_str name);
/* The argument `key` as text that ends with NUL; HEXMCP_E_INVALID with a text if it is none or
 * does not fit. */
int32_t read_text(const struct round *r, const char *key, char *buf, size_t cap);
/* The argument `key`, or `otherwise` if it is not there or no whole number. */
int64_t read_int(const struct round *r, const char *key, int64_t otherwise);
/* Completes the call with one text block. */
int32_t answer_text(const struct round *r, const char *text);
/* Completes the call with JSON. */
int32_t answer_json(const struct round *r, uint32_t outcome, hexmcp_str json);
/* Completes the call with what the writer holds, and frees the writer. */
int32_t answer_writer(const struct round *r, uint32_t outcome, hexmcp_json_writer *w);

/* complete.c: suggestions */
/* Completes the call with those of `values` that begin with `typed`, a JSON-free text. */
int32_t suggest(const struct round *r, const char *const *values, size_t count, hexmcp_str typed);
/* Suggestions for `country` and `city`, of the template and of the prompt. */
int32_t suggest_place(const struct round *r, hexmcp_str argument, hexmcp_str typed,
                      hexmcp_str context);

/* one file each */
int32_t tool_echo(const struct round *r);
int32_t tool_add(const struct round *r);
int32_t tool_content(const struct round *r);
int32_t tool_count(const struct round *r);
void count_cancel(struct everything *self, hexmcp_call call);
int32_t tool_fail(const struct round *r);
int32_t tool_touch(const struct round *r);
int32_t tool_trace(const struct round *r);
int32_t tool_publish(const struct round *r);
int32_t tool_withdraw(const struct round *r);
int32_t tool_slow_task(const struct round *r);
int32_t task_only_begin(const struct round *r);
int32_t task_only_resume(const struct round *r);
int32_t ask_name_begin(const struct round *r);
int32_t ask_name_resume(const struct round *r);
int32_t ask_twice_begin(const struct round *r);
int32_t ask_twice_resume(const struct round *r);
int32_t open_page_begin(const struct round *r);
int32_t open_page_resume(const struct round *r);
int32_t ask_model_begin(const struct round *r);
int32_t ask_model_resume(const struct round *r);
int32_t list_roots_begin(const struct round *r);
int32_t list_roots_resume(const struct round *r);
int32_t ask_optional_begin(const struct round *r);
int32_t ask_optional_resume(const struct round *r);

int32_t read_secret(const struct round *r);
int32_t resume_secret(const struct round *r);
int32_t read_template(const struct round *r);
int32_t complete_template(const struct round *r, hexmcp_str argument, hexmcp_str value,
                          hexmcp_str context);

#endif
