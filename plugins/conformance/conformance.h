/*
 * hexmcp.conformance: the tools, resources and prompts that the official conformance suite of MCP
 * looks for (npm @modelcontextprotocol/conformance). What each has to answer is the suite's, word for
 * word. For tests; off unless somebody asks for it by name.
 *
 * plugin.c makes the instance; tools.c, resources.c and prompts.c are the tables; later.c is for what
 * takes its time.
 */
#ifndef CONFORMANCE_H
#define CONFORMANCE_H

#include <pthread.h>
#include <stdatomic.h>

#include "hexmcp/host/catalog.h"
#include "hexmcp/plugin.h"
#include "hexmcp/simple.h"

/* Makes a string of JSON, to be read better. */
#define JSON(...) #__VA_ARGS__

struct later; /* later.c */

/* The state of the instance. Calls run on several threads at once: what changes is atomic or has a
 * lock. */
struct conformance {
    const hexmcp_host *host;
    const hexmcp_timer_1 *timer; /* services of the host; set by init */
    const hexmcp_catalog_1 *catalog;

    atomic_int toggled[HEXMCP_KIND_PROMPT + 1]; /* by kind: 1 while the dummy entry is there */

    pthread_mutex_t lock;
    struct later *laters; /* the calls that wait; under `lock` */
};

static inline struct conformance *self_of(const hexmcp_round *r)
{
    return (struct conformance *)r->self;
}

/* tools.c, resources.c, prompts.c */
extern const hexmcp_simple_item tools[];
extern const hexmcp_simple_item resources[];
extern const hexmcp_simple_item prompts[];

/* [worker] Suggests the same values for every argument of a prompt. */
int32_t suggest_for_prompt(const hexmcp_round *r, hexmcp_str argument, hexmcp_str typed);

/* answers.c: what came with the call, and what the client answered */
/* The member `key` of the arguments, as JSON; `otherwise` if it is not there. */
hexmcp_str argument(const hexmcp_round *r, const char *key, const char *otherwise);
/* The decoded text of a JSON string, to be freed; NULL if it is none, or memory is short. */
char *text_of(hexmcp_str json);
/* answers.c: what the client answered */
/* Ends this round with a question: `json` is {"requests":{...},"state":...}. */
/* The member `field` of an accepted form; empty if there is none. */
hexmcp_str answer_field(const hexmcp_round *r, const char *key, const char *field);
/* The same as decoded text, to be freed; NULL as text_of. */
char *answer_field_text(const hexmcp_round *r, const char *key, const char *field);
/* What the model said, to be freed; NULL as text_of. */
char *answer_model_text(const hexmcp_round *r, const char *key);
/* The folders of the client, "URI, URI", to be freed, and how many; NULL if memory is short or
 * there is no answer. */
char *answer_roots_text(const hexmcp_round *r, const char *key, size_t *ret_count);
/* Completes the call with an error of the tool: declined, cancelled, or without what was asked. */
int32_t answer_useless(const hexmcp_round *r);

/* later.c: calls that go on after a while, without a thread of their own */
/* One step of it, on the loop. Completes the call and returns 0, or returns 1 to be called again after
 * the same while. `step` counts from 0. */
typedef int (*later_fn)(struct conformance *self, hexmcp_call call, unsigned step,
                        const char *text);
/* Runs step 0 after `delay_ms`. Takes `text` (from malloc, may be NULL), which the steps get.
 * Returns HEXMCP_PENDING or an error. */
int32_t later_begin(const hexmcp_round *r, uint64_t delay_ms, later_fn step, char *text);
/* [loop] Ends the call as cancelled if it waits. */
void later_cancel(void *state, hexmcp_call call);
/* A step that completes the call with `text` as one text block. */
int later_text(struct conformance *self, hexmcp_call call, unsigned step, const char *text);

/* reports.c, echo.c, toggle.c, elicit.c, input.c, tasks.c: the tools that are more than a text */
int32_t tool_logging(const hexmcp_round *r);
int32_t tool_log_once(const hexmcp_round *r);
int32_t tool_progress(const hexmcp_round *r);
int32_t tool_error(const hexmcp_round *r);
int32_t tool_reconnection(const hexmcp_round *r);
int32_t tool_schema(const hexmcp_round *r);
int32_t tool_header(const hexmcp_round *r);
int32_t tool_toggle_tool(const hexmcp_round *r);
int32_t tool_toggle_prompt(const hexmcp_round *r);
int32_t sampling_begin(const hexmcp_round *r);
int32_t sampling_go_on(const hexmcp_round *r);
int32_t elicitation_begin(const hexmcp_round *r);
int32_t elicitation_go_on(const hexmcp_round *r);
int32_t elicited(const hexmcp_round *r);
int32_t input_able(const hexmcp_round *r);
int32_t input_name(const hexmcp_round *r);
int32_t input_capital(const hexmcp_round *r);
int32_t input_roots(const hexmcp_round *r);
int32_t input_state(const hexmcp_round *r);
int32_t input_several(const hexmcp_round *r);
int32_t input_rounds(const hexmcp_round *r);
int32_t input_tampered(const hexmcp_round *r);
int32_t input_capabilities(const hexmcp_round *r);
int32_t task_greet(const hexmcp_round *r);
int32_t task_slow(const hexmcp_round *r);
int32_t task_failing(const hexmcp_round *r);
int32_t task_broken(const hexmcp_round *r);
int32_t task_delete(const hexmcp_round *r);
int32_t task_delete_go_on(const hexmcp_round *r);
int32_t task_several(const hexmcp_round *r);
int32_t task_after_input(const hexmcp_round *r);

#endif
