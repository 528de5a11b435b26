/*
 * SPDX-License-Identifier: MIT
 */
#include "zone.h"

#include "hexmcp/json.h"

#include <ctype.h>
#include <fcntl.h>
#include <stdlib.h>
#include <strings.h>
#include <unistd.h>

/* GLib knows the rules of a zone up to 2999, and the calendar repeats itself after 400 years. */
#define YEARS_400 (INT64_C(146097) * 86400)
#define YEAR_2500 INT64_C(16725225600)
#define YEAR_2038 INT64_C(2145916800)

/* In the rules for the time after 2037 GLib takes a daylight saving time at offset 0 for one that
 * is left out. Only Ireland has that: for the tz database its winter time is the exception. These
 * are the same clocks the other way round. */
#define IRELAND "GMT0IST-1,M3.5.0/1,M10.5.0"

/* To make a zone costs GLib half a millisecond. It shares one that somebody still holds. */
#define KEPT 8

static GTimeZone *open_rules(const char *identifier)
{
    static GMutex mutex;
    static GTimeZone *kept[KEPT];
    static unsigned next;
    GTimeZone *rules = g_time_zone_new_identifier(identifier);
    int known = rules == NULL;
    g_mutex_lock(&mutex);
    for (int i = 0; i < KEPT; i++)
        known |= kept[i] == rules;
    if (!known) {
        g_clear_pointer(&kept[next], g_time_zone_unref);
        kept[next] = g_time_zone_ref(rules);
        next = (next + 1) % KEPT;
    }
    g_mutex_unlock(&mutex);
    return rules;
}

static int is_ireland(const char *name)
{
    return strcmp(name, "Europe/Dublin") == 0 || strcmp(name, "Eire") == 0;
}

static int two_digits(const char *text, int most)
{
    if (!isdigit((unsigned char)text[0]) || !isdigit((unsigned char)text[1]))
        return -1;
    int value = (text[0] - '0') * 10 + text[1] - '0';
    return value <= most ? value : -1;
}

size_t zone_read_offset(const char *text, int32_t *offset)
{
    static const int most[] = {23, 59, 59};
    int32_t seconds = 0;
    size_t at = 1;
    int colon = 0;
    if (text[0] != '+' && text[0] != '-')
        return 0;
    for (int part = 0, unit = 3600; part < 3; part++, unit /= 60) {
        if (part == 1)
            colon = text[at] == ':';
        size_t skip = part > 0 && colon && text[at] == ':';
        int value = part == 2 && !skip ? -1 : two_digits(text + at + skip, most[part]);
        if (value < 0 && part == 0)
            return 0;
        if (value < 0)
            break;
        seconds += value * unit;
        at += skip + 2;
    }
    *offset = text[0] == '-' ? -seconds : seconds;
    return at;
}

void zone_write_offset(int32_t offset, char text[16])
{
    unsigned seconds = (unsigned)abs(offset) % 86400u;
    int len = snprintf(text, 16, "%c%02u:%02u", offset < 0 ? '-' : '+', seconds / 3600,
                       seconds / 60 % 60);
    if (seconds % 60 != 0)
        snprintf(text + len, 16 - (size_t)len, ":%02u", seconds % 60);
}

struct zone zone_fixed(int32_t offset)
{
    struct zone zone = {.offset = offset};
    if (offset == 0)
        snprintf(zone.name, sizeof(zone.name), "UTC");
    else
        zone_write_offset(offset, zone.name);
    return zone;
}

static const char *folder(void)
{
    const char *set = getenv("TZDIR");
    return set && set[0] == '/' ? set : "/usr/share/zoneinfo";
}

/* GLib would open any path, and read other files than those of zones. */
static int is_name(const char *name)
{
    static const char allowed[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
                                  "/_+-";
    size_t len = strlen(name);
    return len < ZONE_NAME_ROOM && isalpha((unsigned char)name[0]) &&
           strspn(name, allowed) == len && strncmp(name, "posix/", 6) != 0 &&
           strncmp(name, "right/", 6) != 0;
}

static int is_there(const char *name)
{
    char path[1024], magic[4] = "";
    if (!is_name(name))
        return 0;
    snprintf(path, sizeof(path), "%s/%s", folder(), name);
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0)
        return 0;
    ssize_t got = read(fd, magic, sizeof(magic));
    close(fd);
    return got == 4 && memcmp(magic, "TZif", 4) == 0;
}

/* "america/new york" is meant for "America/New_York". */
static void guess(const char *name, char like[ZONE_NAME_ROOM])
{
    int first = 1;
    size_t i = 0;
    for (; name[i] != '\0' && i < ZONE_NAME_ROOM - 1; i++) {
        char c = name[i] == ' ' ? '_' : name[i];
        like[i] = (char)(first ? toupper((unsigned char)c) : tolower((unsigned char)c));
        first = c == '/' || c == '_';
    }
    like[i] = '\0';
}

static int32_t fail_unknown(const char *key, const char *name, hexmcp_error *err)
{
    char like[ZONE_NAME_ROOM], hint[ZONE_NAME_ROOM + 24] = "";
    if (!is_there("UTC"))
        return hexmcp_fail(err, HEXMCP_E_UNAVAILABLE,
                           "the tz database is missing, so only UTC and offsets such as +02:00 are "
                           "known; install the package tzdata");
    guess(name, like);
    if (is_there(like))
        snprintf(hint, sizeof(hint), "did you mean %s? Else ", like);
    return hexmcp_fail(err, HEXMCP_E_INVALID,
                       "%s \"%s\" is unknown; %sgive a name of the tz database such as Europe/Paris or "
                       "America/New_York, UTC, or an offset such as +02:00",
                       key, name, hint);
}

int32_t zone_open(struct zone *zone, const char *key, const char *name, hexmcp_error *err)
{
    struct zone opened = {0};
    size_t len = zone_read_offset(name, &opened.offset);
    if (len > 0 && name[len] == '\0') {
        *zone = zone_fixed(opened.offset);
        return HEXMCP_OK;
    }
    if (strcasecmp(name, "UTC") == 0 || strcasecmp(name, "Z") == 0) {
        *zone = zone_fixed(0);
        return HEXMCP_OK;
    }
    if (is_there(name))
        opened.rules = open_rules(name);
    if (!opened.rules)
        return fail_unknown(key, name, err);
    if (is_ireland(name))
        opened.ireland = open_rules(IRELAND);
    snprintf(opened.name, sizeof(opened.name), "%s", name);
    *zone = opened;
    return HEXMCP_OK;
}

void zone_close(struct zone *zone)
{
    g_clear_pointer(&zone->rules, g_time_zone_unref);
    g_clear_pointer(&zone->ireland, g_time_zone_unref);
}

static struct zone_time fixed_at(const struct zone *zone)
{
    struct zone_time time = {.offset = zone->offset};
    snprintf(time.abbreviation, sizeof(time.abbreviation), "%.15s", zone->name);
    return time;
}

struct zone_time zone_at(const struct zone *zone, int64_t unix_seconds)
{
    if (!zone->rules)
        return fixed_at(zone);
    if (unix_seconds >= YEAR_2500)
        unix_seconds -= YEARS_400 * ((unix_seconds - YEAR_2500) / YEARS_400 + 1);
    int ireland = zone->ireland && unix_seconds >= YEAR_2038;
    GTimeZone *rules = ireland ? zone->ireland : zone->rules;
    int interval = g_time_zone_find_interval(rules, G_TIME_TYPE_UNIVERSAL, unix_seconds);
    struct zone_time time = {.offset = g_time_zone_get_offset(rules, interval),
                             .is_dst = g_time_zone_is_dst(rules, interval) != ireland};
    snprintf(time.abbreviation, sizeof(time.abbreviation), "%s",
             g_time_zone_get_abbreviation(rules, interval));
    return time;
}
