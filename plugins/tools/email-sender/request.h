/*
 * request.h - the message that a caller wants sent.
 *
 * SPDX-License-Identifier: MIT
 */
#pragma once

#include "kit/args.h"
#include "message.h"
#include "settings.h"

#define BODY_MOST ((size_t)2 * 1024 * 1024)
#define ATTACHED_MOST ((size_t)10 * 1024 * 1024)
#define ID_ROOM 300

struct request {
    enum provider provider;
    struct message message;
    struct address from;
    struct address to[RECIPIENTS_MOST];
    struct address cc[RECIPIENTS_MOST];
    struct address bcc[RECIPIENTS_MOST];
    size_t bcc_count;
    struct address reply_to;
    struct attachment attachments[ATTACHMENTS_MOST];
    struct bytes files[ATTACHMENTS_MOST];
    struct bytes stripped;
    char id[ID_ROOM];
    char boundary[33];
    bool dry_run;
    bool needs_utf8; /* an address is not ASCII before the @ */
    uint32_t timeout_ms;
};

/* [worker] Reads the arguments and the attached files, and checks sender and recipients against the
 * settings. Texts belong to `args`; request_free() is due, also after an error. */
int32_t request_read(const hexmcp_round *r, struct args *args, struct settings *settings,
                     struct request *request);
void request_free(struct request *request);

/* The recipients of all kinds, one after the other; NULL behind the last. */
const char *request_recipient(const struct request *request, size_t at);
