/*
 * SPDX-License-Identifier: MIT
 */
#include "located.h"

#include "hexmcp/json.h"

#include <strings.h>
#include <time.h>

static int64_t now(void)
{
    struct timespec time;
    clock_gettime(CLOCK_REALTIME, &time);
    return (int64_t)time.tv_sec * US_PER_SECOND + time.tv_nsec / 1000;
}

/* Second 60 is one more after 23:59:59 UTC. Such seconds are not counted in Unix time. */
static int32_t add_leap_second(struct located *located, hexmcp_error *err)
{
    struct moment *moment = &located->moment;
    int64_t us = moment->us + US_PER_SECOND;
    if ((us - us % US_PER_SECOND) % US_PER_DAY != 0)
        return hexmcp_fail(err, HEXMCP_E_INVALID,
                           "the second 60 is only there at 23:59:60 UTC; give a second up to 59");
    located->leap = 1;
    return moment_at(&located->zone, us, moment, err);
}

static int32_t place(const struct parsed *parsed, int later, struct located *located,
                     hexmcp_error *err)
{
    const struct zone *zone = &located->zone;
    struct moment_choice choice = {.later = later};
    int64_t local = parsed->instant ? 0 : calendar_to_us(&parsed->local) + parsed->extra;
    int32_t status;
    if (parsed->instant)
        status = moment_at(zone, parsed->us, &located->moment, err);
    else if (parsed->has_offset)
        status = moment_at(zone, local - parsed->offset * US_PER_SECOND, &located->moment, err);
    else
        status = moment_of(zone, local, choice, &located->moment, err);
    if (status == HEXMCP_OK && parsed->leap)
        status = add_leap_second(located, err);
    return status;
}

static int32_t read_parsed(const struct request *request, enum text which, struct located *located,
                           hexmcp_error *err)
{
    struct parsed parsed;
    int32_t status = parse_text(request_key(which), request->text[which],
                                request_text(request, TEXT_INPUT_FORMAT), &parsed, err);
    if (status != HEXMCP_OK)
        return status;
    if (!request_text(request, TEXT_TIMEZONE) && parsed.has_offset)
        located->zone = zone_fixed(parsed.offset);
    located->form = parsed.form;
    return place(&parsed, request->later, located, err);
}

int32_t located_read(const struct request *request, enum text which, struct located *located,
                     hexmcp_error *err)
{
    const char *zone = request_text(request, TEXT_TIMEZONE);
    int32_t status = HEXMCP_OK;
    *located = (struct located){.form = "now", .zone = zone_fixed(0)};
    if (zone)
        status = zone_open(&located->zone, "timezone", zone, err);
    if (status != HEXMCP_OK)
        return status;
    if (strcasecmp(request->text[which], "now") == 0)
        status = moment_at(&located->zone, now(), &located->moment, err);
    else
        status = read_parsed(request, which, located, err);
    if (status != HEXMCP_OK)
        located_close(located);
    return status;
}

void located_close(struct located *located)
{
    zone_close(&located->zone);
}
