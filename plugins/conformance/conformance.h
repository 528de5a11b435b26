/*
 * hexmcp.conformance: the tools, resources and prompts that the official conformance suite of MCP
 * looks for (npm @modelcontextprotocol/conformance). What each has to answer is the suite's, word for
 * word. For tests; off unless somebody asks for it by name.
 *
 * plugin.c makes the instance; tools.c, resources.c and prompts.c hold the tables and tell the
 * host's calls apart by name; later.c is for what takes its time.
 */
#ifndef CONFORMANCE_H
#define CONFORMANCE_H

#include <pthread.h>
#include <stdatomic.h>

#include "hexmcp/host/catalog.h"
#include "hexmcp/json.h"
#include "hexmcp/plugin.h"

/* Makes a string of JSON, to be read better. */
#define JSON(...) #__VA_ARGS__

struct later; /* later.c */

/* The instance. Calls run on several threads at once: what changes is atomic or has a lock. */
struct conformance {
    hexmcp_plugin plugin;
    hexmcp_tool_1 tool;
    hexmcp_resource_1 resource;
    hexmcp_prompt_1 prompt;

    const hexmcp_host *host;
    const hexmcp_call_info_1 *calls; /* services of the host; set by init */
    const hexmcp_timer_1 *timer;
    const hexmcp_catalog_1 *catalog;

    atomic_int toggled[HEXMCP_KIND_PROMPT + 1]; /* by kind: 1 while the dummy entry is there */

    pthread_mutex_t lock;
    struct later *laters; /* the calls that wait; under `lock` */
};

/* One call, or one round of a call that asked for input. The texts are borrowed until return. */
struct round {
    struct conformance *self;
    hexmcp_call call;
    hexmcp_str name;    /* of the tool or prompt; the URI of a resource             */
    hexmcp_str args;    /* JSON: arguments, or the variables of a template          */
    hexmcp_str state;   /* JSON: what the last round left; empty in the first round */
    hexmcp_str answers; /* JSON: {key: result}; empty in the first round            */
    hexmcp_error *err;
};

/* Answers a round. Returns as hexmcp_tool_1.call does. */
typedef int32_t (*round_fn)(const struct round *r);

struct entry {
    const char *name;
    round_fn begin;     /* NULL: `fixed` is the answer, or what is asked */
    round_fn go_on;     /* NULL: never asks for input                    */
    const char *fixed;  /* JSON of the result, or of the requests if there is `go_on` */
};

/* tools.c, resources.c, prompts.c: fill the tables of the instance */
void tools_init(struct conformance *self);
void resources_init(struct conformance *self);
void prompts_init(struct conformance *self);

/* round.c */
/* Answers with the entry of this name: its first round, or the next one. HEXMCP_E_NOT_FOUND if there
 * is none. */
int32_t entries_begin(const struct entry *entries, size_t count, const struct round *r);
int32_t entries_go_on(const struct entry *entries, size_t count, const struct round *r);
/* 1 if the text begins with `start`. */
int str_begins(hexmcp_str text, const char *start);
/* The member `key` of the arguments, as JSON; `otherwise` if it is not there. */
hexmcp_str argument(const struct round *r, const char *key, const char *otherwise);
/* The decoded text of a JSON string, to be freed; NULL if it is none, or memory is short. */
char *text_of(hexmcp_str json);
/* Completes the call with JSON. */
int32_t answer_json(const struct round *r, uint32_t outcome, hexmcp_str json);
/* Completes the call with what the writer holds, and frees the writer. */
int32_t answer_writer(const struct round *r, uint32_t outcome, hexmcp_json_writer *w);
/* Completes the call with one text block. */
__attribute__((format(printf, 2, 3))) int32_t answer_text(const struct round *r, const char *format,
                                                          ...);

/* answers.c: what the client answered */
/* Ends this round with a question: `json` is {"requests":{...},"state":...}. */
int32_t ask(const struct round *r, const char *json);
/* The member `field` of an accepted form; empty if there is none. */
hexmcp_str answer_field(const struct round *r, const char *key, const char *field);
/* The same as decoded text, to be freed; NULL as text_of. */
char *answer_field_text(const struct round *r, const char *key, const char *field);
/* What the model said, to be freed; NULL as text_of. */
char *answer_model_text(const struct round *r, const char *key);
/* The folders of the client, "URI, URI", to be freed, and how many; NULL if memory is short or
 * there is no answer. */
char *answer_roots_text(const struct round *r, const char *key, size_t *ret_count);
/* Completes the call with an error of the tool: declined, cancelled, or without what was asked. */
int32_t answer_useless(const struct round *r);

/* later.c: calls that go on after a while, without a thread of their own */
/* One step of it, on the loop. Completes the call and returns 0, or returns 1 to be called again after
 * the same while. `step` counts from 0. */
typedef int (*later_fn)(struct conformance *self, hexmcp_call call, unsigned step,
                        const char *text);
/* Runs step 0 after `delay_ms`. Takes `text` (from malloc, may be NULL), which the steps get.
 * Returns HEXMCP_PENDING or an error. */
int32_t later_begin(const struct round *r, uint64_t delay_ms, later_fn step, char *text);
/* [loop] Ends the call as cancelled if it waits. */
void later_cancel(struct conformance *self, hexmcp_call call);
/* A step that completes the call with `text` as one text block. */
int later_text(struct conformance *self, hexmcp_call call, unsigned step, const char *text);

/* reports.c, echo.c, toggle.c, elicit.c, input.c, tasks.c: the tools that are more than a text */
int32_t tool_logging(const struct round *r);
int32_t tool_log_once(const struct round *r);
int32_t tool_progress(const struct round *r);
int32_t tool_error(const struct round *r);
int32_t tool_reconnection(const struct round *r);
int32_t tool_schema(const struct round *r);
int32_t tool_header(const struct round *r);
int32_t tool_toggle_tool(const struct round *r);
int32_t tool_toggle_prompt(const struct round *r);
int32_t sampling_begin(const struct round *r);
int32_t sampling_go_on(const struct round *r);
int32_t elicitation_begin(const struct round *r);
int32_t elicitation_go_on(const struct round *r);
int32_t elicited(const struct round *r);
int32_t input_able(const struct round *r);
int32_t input_name(const struct round *r);
int32_t input_capital(const struct round *r);
int32_t input_roots(const struct round *r);
int32_t input_state(const struct round *r);
int32_t input_several(const struct round *r);
int32_t input_rounds(const struct round *r);
int32_t input_tampered(const struct round *r);
int32_t input_capabilities(const struct round *r);
int32_t task_greet(const struct round *r);
int32_t task_slow(const struct round *r);
int32_t task_failing(const struct round *r);
int32_t task_broken(const struct round *r);
int32_t task_delete(const struct round *r);
int32_t task_delete_go_on(const struct round *r);
int32_t task_several(const struct round *r);
int32_t task_after_input(const struct round *r);

#endif
