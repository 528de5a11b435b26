#include "core/base/time_text.h"

#define MS_PER_DAY 86400000
#define FIRST_MS (-62167219200000) /* 0000-01-01T00:00:00.000Z */
#define LAST_MS 253402300799999    /* 9999-12-31T23:59:59.999Z */
#define DAYS_PER_ERA 146097        /* 400 years                */

static char *put(char *at, int64_t value, int digits, char end)
{
    for (int i = digits; i-- > 0; value /= 10)
        at[i] = (char)('0' + value % 10);
    at[digits] = end;
    return at + digits + 1;
}

/* Years begin in March here, so that the leap day is the last one. */
static char *put_date(char *at, int64_t day)
{
    int64_t since = day + 719468; /* days since 0000-03-01 */
    int64_t era = (since >= 0 ? since : since - (DAYS_PER_ERA - 1)) / DAYS_PER_ERA;
    int64_t in_era = since - era * DAYS_PER_ERA;
    int64_t year = (in_era - in_era / 1460 + in_era / 36524 - in_era / 146096) / 365;
    int64_t in_year = in_era - (365 * year + year / 4 - year / 100);
    int64_t month = (5 * in_year + 2) / 153;
    at = put(at, year + era * 400 + (month >= 10), 4, '-');
    at = put(at, month < 10 ? month + 3 : month - 9, 2, '-');
    return put(at, in_year - (153 * month + 2) / 5 + 1, 2, 'T');
}

void time_text(int64_t wall_ms, char out[TIME_TEXT_SIZE])
{
    int64_t ms = wall_ms < FIRST_MS ? FIRST_MS : wall_ms > LAST_MS ? LAST_MS : wall_ms;
    int64_t day = (ms >= 0 ? ms : ms - (MS_PER_DAY - 1)) / MS_PER_DAY;
    int64_t rest = ms - day * MS_PER_DAY;
    char *at = put_date(out, day);
    at = put(at, rest / 3600000, 2, ':');
    at = put(at, rest / 60000 % 60, 2, ':');
    at = put(at, rest / 1000 % 60, 2, '.');
    at = put(at, rest % 1000, 3, 'Z');
    *at = '\0';
}
