/*
 * SPDX-License-Identifier: MIT
 */
#include "search.h"

/* What is left of the call's time when the results so far are sent. */
#define RESERVE_MS 1000

int search_check(void *arg)
{
    struct search *search = arg;
    if (search->end != END_NONE)
        return 1;
    if (!search->calls)
        return 0;
    if (search->calls->cancelled(search->calls->ctx, search->call))
        search->end = END_CANCELLED;
    else if (search->calls->remaining_ms(search->calls->ctx, search->call) < RESERVE_MS)
        search->end = END_TIME;
    return search->end != END_NONE;
}

static const char *end_text(enum end end)
{
    if (end == END_RESULTS)
        return "there are more matches; go on with next_offset, or narrow the pattern or the path. ";
    if (end == END_BYTES)
        return "the matches have more than 2 MiB; go on with next_offset, narrow the pattern or give fewer "
               "context_lines. ";
    if (end == END_TIME)
        return "the time was not enough for all files; narrow the path or the files. ";
    return "";
}

void search_message(const struct search *search, char *text, size_t room)
{
    size_t used = (size_t)snprintf(text, room, "%s", end_text(search->end));
    if (search->too_hard > 0 && used < room)
        used += (size_t)snprintf(text + used, room - used,
                                 "%lld lines were left out because the pattern takes too many steps "
                                 "on them; write it simpler. ",
                                 (long long)search->too_hard);
    if (search->too_deep > 0 && used < room)
        used += (size_t)snprintf(text + used, room - used,
                                 "%lld folders are deeper than max_depth. ",
                                 (long long)search->too_deep);
    if (search->unreadable > 0 && used < room)
        used += (size_t)snprintf(text + used, room - used,
                                 "%lld files or folders could not be opened, the first because "
                                 "%.240s. ",
                                 (long long)search->unreadable, search->left_out);
    used = used < room ? used : room - 1;
    if (used > 0 && text[used - 1] == ' ')
        text[used - 1] = '\0';
}
