/*
 * SPDX-License-Identifier: MIT
 */
#include "kit/retry.h"

#include <time.h>

struct retry retry_default(unsigned attempts)
{
    return (struct retry){.attempts = attempts, .wait_ms = 1000, .wait_most_ms = 30000,
                          .statuses = {429, 500, 502, 503, 504}, .status_count = 5,
                          .connections = true};
}

static void read_statuses(struct args *part, struct retry *retry)
{
    hexmcp_str list = args_raw(part, "statuses"), item;
    hexmcp_json_iter it = hexmcp_json_iter_begin(list);
    if (list.len == 0)
        return;
    retry->status_count = 0;
    bool good = hexmcp_json_type(list) == HEXMCP_JSON_ARRAY;
    while (good && hexmcp_json_next(&it, NULL, &item)) {
        int64_t status;
        good = retry->status_count < RETRY_STATUSES_MOST &&
               hexmcp_json_int64(item, &status) == HEXMCP_OK && status >= 400 && status <= 599;
        if (good)
            retry->statuses[retry->status_count++] = (int)status;
    }
    if (!good)
        args_fail(part, HEXMCP_E_INVALID,
                  "%sstatuses is no list of at most %d numbers from 400 to 599; correct it", part->name,
                  RETRY_STATUSES_MOST);
}

void retry_read(struct args *args, const char *key, struct retry *retry)
{
    struct args part = args_object(args, key);
    retry->attempts = (unsigned)args_int(&part, "max_attempts", 1, 10, retry->attempts);
    retry->wait_ms = (uint64_t)args_int(&part, "initial_ms", 0, 60000, (int64_t)retry->wait_ms);
    retry->wait_most_ms = (uint64_t)args_int(&part, "max_wait_ms", 0, 60000,
                                             (int64_t)retry->wait_most_ms);
    read_statuses(&part, retry);
}

/* ---- Retry-After ---- */

static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";

static int month_of(const char *name)
{
    for (int i = 0; i < 12; i++)
        if (strncmp(months + 3 * i, name, 3) == 0)
            return i;
    return -1;
}

int64_t retry_after(const char *text, int64_t now)
{
    struct tm t = {0};
    char month[4];
    int used = 0;
    size_t digits = strspn(text, "0123456789");
    if (digits > 0 && text[digits] == '\0')
        return digits > 9 ? INT64_C(1000000000) : strtoll(text, NULL, 10);
    if (sscanf(text, "%*3c, %2d %3s %4d %2d:%2d:%2d GMT%n", &t.tm_mday, month, &t.tm_year, &t.tm_hour,
               &t.tm_min, &t.tm_sec, &used) != 6 ||
        used == 0 || text[used] != '\0')
        return -1;
    t.tm_mon = month_of(month);
    t.tm_year -= 1900;
    if (t.tm_mon < 0 || t.tm_mday < 1 || t.tm_mday > 31)
        return -1;
    int64_t then = timegm(&t);
    return then > now ? then - now : 0;
}

/* ---- again and again ---- */

static bool is_listed(const struct retry *retry, int status)
{
    for (size_t i = 0; i < retry->status_count; i++)
        if (retry->statuses[i] == status)
            return true;
    return false;
}

static bool wants_again(const struct retry *retry, int32_t status, const struct fetch_answer *answer)
{
    if (status == HEXMCP_OK)
        return is_listed(retry, answer->status);
    return retry->connections && (status == HEXMCP_E_UNAVAILABLE || status == HEXMCP_E_TIMEOUT);
}

/* What the answer asks for in milliseconds, or `planned`. */
static uint64_t wait_of(const struct fetch_answer *answer, uint64_t planned)
{
    char text[64];
    hexmcp_str value = fetch_header(answer, "retry-after");
    if (value.len == 0 || hexmcp_json_string(value, text, sizeof(text), NULL) != HEXMCP_OK)
        return planned;
    int64_t seconds = retry_after(text, (int64_t)time(NULL));
    return seconds >= 0 ? (uint64_t)seconds * 1000 : planned;
}

static void say_why(struct retried *how, const hexmcp_round *r, int32_t status,
                    const struct fetch_answer *answer)
{
    if (status == HEXMCP_OK)
        snprintf(how->last, sizeof(how->last), "status %d", answer->status);
    else
        snprintf(how->last, sizeof(how->last), "%.190s", r->err->text);
}

int32_t retry_fetch(struct pace *pace, const struct retry *retry, const struct fetch_request *request,
                    struct fetch_answer *answer, struct retried *how)
{
    uint64_t planned = retry->wait_ms;
    *how = (struct retried){0};
    for (;;) {
        int32_t status = pace_step(pace, pace_ms(pace), 0, "waiting for the answer");
        if (status != HEXMCP_OK)
            return status;
        status = fetch(pace->r, request, answer);
        how->attempts++;
        if (how->attempts >= retry->attempts || !wants_again(retry, status, answer))
            return status;
        uint64_t least = planned < retry->wait_most_ms ? planned : retry->wait_most_ms;
        uint64_t wait = status == HEXMCP_OK ? wait_of(answer, least) : least;
        if (wait > retry->wait_most_ms)
            return status;
        say_why(how, pace->r, status, answer);
        if (status == HEXMCP_OK)
            fetch_free(answer);
        status = pace_sleep(pace, wait, "waiting before the request is sent again");
        if (status != HEXMCP_OK)
            return status;
        how->waited_ms += wait;
        planned *= 2;
    }
}
