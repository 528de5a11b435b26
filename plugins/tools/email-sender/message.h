/*
 * message.h - a message as RFC 5322 and MIME have it.
 *
 * SPDX-License-Identifier: MIT
 */
#pragma once

#include <time.h>

#include "address.h"

#define RECIPIENTS_MOST 100
#define ATTACHMENTS_MOST 20

struct attachment {
    const char *name; /* of the file; UTF-8 without control characters */
    const char *type; /* of MIME */
    hexmcp_str data;
};

/* Bcc is in the envelope alone and not here. */
struct message {
    const struct address *from;
    const struct address *to;
    size_t to_count;
    const struct address *cc;
    size_t cc_count;
    const char *reply_to; /* NULL: none */
    const char *subject;
    const char *text;
    const char *html; /* NULL: text alone */
    const struct attachment *attachments;
    size_t attachment_count;
    const char *id; /* without brackets */
    time_t time;
    const char *boundary; /* 32 characters that stand nowhere in it */
};

/* Appends all of it, with CRLF at the ends of lines and no line beyond 998 bytes. False: out of memory. */
bool message_write(const struct message *message, struct bytes *out);

/* "Mon, 06 May 2024 07:08:09 +0000" */
#define DATE_ROOM 40
void message_date(time_t time, char out[DATE_ROOM]);

/* What a page says, without its marks, for those who read text alone. */
bool message_strip(const char *html, struct bytes *out);

/* The type of a file by the end of its name. */
const char *message_type(const char *name);
