/* How a call asks the client for input, and reads what came back. */
#ifndef ASK_H
#define ASK_H

#include "everything.h"

/* Makes a string of JSON, to be read better. */
#define JSON(...) #__VA_ARGS__

enum answer { ANSWER_MISSING, ANSWER_ACCEPTED, ANSWER_DECLINED, ANSWER_CANCELLED };

/* Ends this round with a question: `json` is {"requests":{...},"state":...}. */
int32_t ask(const struct round *r, const char *json);

/* What the user did with the elicitation `key`. Accepted, and the form had fields: *ret_content is
 * the object of them, else the empty text. */
enum answer answer_to(const struct round *r, const char *key, hexmcp_str *ret_content);

/* Answers a round that ended without input: "declined" or "cancelled". */
int32_t answer_refused(const struct round *r, enum answer answer);

#endif
