/*
 * SPDX-License-Identifier: MIT
 */
#include "request.h"

#include "hexmcp/json.h"

#include <glib.h>
#include <inttypes.h>

static const char *const keys[TEXTS] = {"input",        "timezone", "target_timezone",
                                        "start",        "end",      "format",
                                        "input_format", "unit",     "overlap"};

const char *request_key(enum text which)
{
    return keys[which];
}

static void trim(char *text)
{
    static const char blanks[] = " \t\r\n";
    size_t len = strlen(text);
    size_t first = strspn(text, blanks);
    while (len > first && strchr(blanks, text[len - 1]))
        len--;
    memmove(text, text + first, len - first);
    text[len - first] = '\0';
}

/* Moments may be numbers. */
static int takes_number(enum text which)
{
    return which == TEXT_INPUT || which == TEXT_START || which == TEXT_END;
}

static int32_t read_text(hexmcp_str args, enum text which, char text[TEXT_MAX + 1],
                         hexmcp_error *err)
{
    hexmcp_str value;
    if (hexmcp_json_get(args, keys[which], &value) != HEXMCP_OK)
        return HEXMCP_OK;
    if (takes_number(which) && hexmcp_json_type(value) == HEXMCP_JSON_NUMBER &&
        value.len <= TEXT_MAX) {
        memcpy(text, value.ptr, value.len);
        text[value.len] = '\0';
    } else if (hexmcp_json_string(value, text, TEXT_MAX + 1, NULL) != HEXMCP_OK) {
        return hexmcp_fail(err, HEXMCP_E_INVALID, "%s is not a text of at most %d bytes; give one",
                           keys[which], TEXT_MAX);
    }
    if (!g_utf8_validate(text, -1, NULL))
        return hexmcp_fail(err, HEXMCP_E_INVALID, "%s is not UTF-8; give text", keys[which]);
    trim(text);
    if (text[0] == '\0')
        return hexmcp_fail(err, HEXMCP_E_INVALID, "%s is empty; give it or leave it out",
                           keys[which]);
    return HEXMCP_OK;
}

static int32_t read_amount(hexmcp_str args, struct request *request, hexmcp_error *err)
{
    hexmcp_str value;
    request->has_amount = hexmcp_json_get(args, "amount", &value) == HEXMCP_OK;
    if (!request->has_amount)
        return HEXMCP_OK;
    if (hexmcp_json_int64(value, &request->amount) != HEXMCP_OK || request->amount < -AMOUNT_MAX ||
        request->amount > AMOUNT_MAX)
        return hexmcp_fail(err, HEXMCP_E_INVALID,
                           "amount must be a whole number from %" PRId64 " to %" PRId64
                           "; take a smaller unit for parts",
                           -AMOUNT_MAX, AMOUNT_MAX);
    return HEXMCP_OK;
}

static int32_t read_overlap(struct request *request, hexmcp_error *err)
{
    const char *overlap = request->text[TEXT_OVERLAP];
    request->later = strcmp(overlap, "later") == 0;
    if (request->later || overlap[0] == '\0' || strcmp(overlap, "earlier") == 0)
        return HEXMCP_OK;
    return hexmcp_fail(err, HEXMCP_E_INVALID, "overlap is unknown; give earlier or later");
}

int32_t request_read(hexmcp_str args_json, struct request *request, hexmcp_error *err)
{
    struct request fresh = {0};
    int32_t status = HEXMCP_OK;
    for (int i = 0; i < TEXTS && status == HEXMCP_OK; i++)
        status = read_text(args_json, (enum text)i, fresh.text[i], err);
    if (status == HEXMCP_OK)
        status = read_amount(args_json, &fresh, err);
    if (status == HEXMCP_OK)
        status = read_overlap(&fresh, err);
    if (status == HEXMCP_OK)
        *request = fresh;
    return status;
}

const char *request_text(const struct request *request, enum text which)
{
    return request->text[which][0] ? request->text[which] : NULL;
}

int32_t request_need(const struct request *request, enum text which, const char *what,
                     hexmcp_error *err)
{
    if (request->text[which][0])
        return HEXMCP_OK;
    return hexmcp_fail(err, HEXMCP_E_INVALID, "%s is missing; give %s", keys[which], what);
}
