/*
 * For services (ports/driven/service.h) whose requests are one question and one answer: keeps answers
 * that are known already until open() has returned, and gives them on a later turn of the loop. All
 * [loop].
 */
#pragma once

#include "ports/driven/service.h"
#include "ports/driven/timer.h"

struct buffer;
struct service_replies;

/* NULL without memory. The timers outlive it. */
struct service_replies *service_replies_new(const struct timer_port *timers);

/* What waits is dropped. NULL is allowed. */
void service_replies_free(struct service_replies *replies);

/* An id that no request of these replies had before. */
uint64_t service_replies_id(struct service_replies *replies);

/* Has the sink get one last event with ST_OK and these bytes, which are taken over and wiped
 * afterwards; `text` may be empty, too. ST_NOMEM: nothing comes, and `bytes` is as it was. */
int service_replies_add(struct service_replies *replies, uint64_t id,
                        const struct service_sink *sink, struct buffer *text,
                        struct buffer *bytes, struct error *err);

/* Drops the answer of the request. */
void service_replies_close(struct service_replies *replies, uint64_t id);
