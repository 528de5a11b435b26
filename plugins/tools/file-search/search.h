/*
 * search.h - a search under way: what it may use, what it has found and why it ends.
 *
 * SPDX-License-Identifier: MIT
 */
#pragma once

#include "filter.h"
#include "matcher.h"

#include "hexmcp/host/files.h"
#include "hexmcp/json.h"
#include "hexmcp/plugin.h"

/* Most bytes of results, so that an answer stays readable. */
#define RESULT_BYTES_MAX ((size_t)2 * 1024 * 1024)

enum end {
    END_NONE,      /* it goes on               */
    END_RESULTS,   /* there are more matches   */
    END_BYTES,     /* the results are too long */
    END_TIME,      /* the call's time is over  */
    END_CANCELLED,
    END_FAILED     /* err is filled            */
};

/*
 *   out            in the array of matches
 *   data, room     for the content of files, kept from file to file
 *   left_out       why the first file was left out that could not be opened
 */
struct search {
    const hexmcp_host *host;
    const hexmcp_files_1 *files;
    const hexmcp_call_info_1 *calls;
    hexmcp_call call;
    const struct request *request;
    struct matcher *matcher;
    struct filter *filter;
    hexmcp_json_writer *out;
    hexmcp_error *err;
    enum end end;
    char *data;
    size_t room;
    int64_t passed; /* matches before the page */
    int64_t matches;
    int64_t searched;
    int64_t binary;
    int64_t too_large;
    int64_t unreadable;
    int64_t too_hard;
    int64_t too_deep;
    char left_out[HEXMCP_ERROR_TEXT];
};

/* Looks whether to stop, tells progress, and sets search->end. For regex_stop, too: 1 is stop. */
int search_check(void *search);

/* Searches what the request names, a file or a folder. HEXMCP_OK, then search->end tells whether all
 * was searched; or the failure to open it. */
int32_t search_run(struct search *search);

/* Searches the open file; `path` is shown. */
void search_file(struct search *search, int fd, const char *path);

/* A text for search->end and what was left out; empty if there is nothing to say. */
void search_message(const struct search *search, char *text, size_t room);
