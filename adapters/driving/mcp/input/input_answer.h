/* Checks what a client answers. */
#pragma once

#include "adapters/driving/mcp/input/input_need.h"
#include "core/json/writer.h"

/* An answer is missing: ask again. No error. */
#define INPUT_ASK_AGAIN 1

/* Checks the result that a client sent for a request that passed input_check (or what
 * input_write_all made of it). ST_INVALID says what is wrong; ST_TOO_LARGE if it is too large to be
 * checked; ST_NOMEM. */
int input_answer_check(struct json request, enum revision revision, struct json answer,
                       struct error *err);

/* Writes a checked answer for the plugin: as it is, but `content` of an elicitation only if the
 * user accepted a form. */
void input_answer_write(struct json_writer *w, struct json request, struct json answer);

/* All answers of a round in the modern era. `asked` holds the requests that were sent, {key:
 * {"method","params"}}, `responses` the client's inputResponses, nothing if it sent none.
 *   ST_OK            `answers` got the JSON of {key: result}, with the asked keys only
 *   INPUT_ASK_AGAIN  the answers that are there are good, but not all are there
 *   ST_INVALID       not an object, or an answer is wrong; the text names it
 * ST_TOO_LARGE and ST_NOMEM are possible. Without ST_OK `answers` is as it was, except
 * after ST_NOMEM. */
int input_answers_read(struct json asked, enum revision revision, struct json responses,
                       struct buffer *answers, struct error *err);
