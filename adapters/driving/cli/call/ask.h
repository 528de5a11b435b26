/* Answers what a tool, resource or prompt asks of its client: a person at a terminal. */
#pragma once

#include "core/base/buffer.h"
#include "core/base/error.h"
#include "core/json/json.h"

struct loop;

/*
 * Asks each of the requests of a round (core/input/input_request.h), in the name of `who`, and
 * appends the answers {key: result}. Without a terminal questions to a person are declined, with a
 * line on stderr. Optional requests that nobody here can answer are left out.
 *
 * ST_CANCELLED: Ctrl-C. ST_UNSUPPORTED: it asks for a model or for folders, which only an assistant
 * has. ST_PROTOCOL: what it asks is not well-formed.
 */
int ask_round(struct loop *loop, struct str who, struct json requests, struct buffer *answers,
              struct error *err);
