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

/* ---- reading ---------------------------------------------------------------------------------- */

static bool take(struct str *text, unsigned digits, char end, int64_t *out)
{
    int64_t value = 0;
    if (text->len < digits + (end != '\0'))
        return false;
    for (unsigned i = 0; i < digits; i++) {
        char c = text->ptr[i];
        if (c < '0' || c > '9')
            return false;
        value = value * 10 + (c - '0');
    }
    if (end && text->ptr[digits] != end)
        return false;
    size_t taken = digits + (end != '\0');
    *text = (struct str){text->ptr + taken, text->len - taken};
    *out = value;
    return true;
}

/* Of ".123", or nothing. */
static bool take_fraction(struct str *text, int64_t *ms)
{
    size_t digits = 0;
    int64_t scale = 100;
    *ms = 0;
    if (text->len == 0 || text->ptr[0] != '.')
        return true;
    while (digits + 1 < text->len && text->ptr[digits + 1] >= '0' && text->ptr[digits + 1] <= '9') {
        *ms += scale * (text->ptr[digits + 1] - '0');
        scale /= 10;
        digits++;
    }
    *text = (struct str){text->ptr + digits + 1, text->len - digits - 1};
    return digits >= 1 && digits <= 9;
}

static int64_t days_of_month(int64_t year, int64_t month)
{
    static const int8_t days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    return days[month - 1] + (month == 2 && leap);
}

/* Days since 1970-01-01. */
static int64_t day_of(int64_t year, int64_t month, int64_t day)
{
    int64_t shifted = month <= 2 ? year - 1 : year;
    int64_t era = (shifted >= 0 ? shifted : shifted - 399) / 400;
    int64_t in_era = shifted - era * 400;
    int64_t in_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
    return era * DAYS_PER_ERA + in_era * 365 + in_era / 4 - in_era / 100 + in_year - 719468;
}

bool time_parse(struct str text, int64_t *wall_ms)
{
    int64_t year, month, day, hour, minute, second, ms;
    bool good = take(&text, 4, '-', &year) && take(&text, 2, '-', &month) &&
                take(&text, 2, 'T', &day) && take(&text, 2, ':', &hour) &&
                take(&text, 2, ':', &minute) && take(&text, 2, '\0', &second) &&
                take_fraction(&text, &ms) && text.len == 1 && text.ptr[0] == 'Z';
    if (!good || month < 1 || month > 12 || day < 1 || day > days_of_month(year, month) ||
        hour > 23 || minute > 59 || second > 59)
        return false;
    *wall_ms = day_of(year, month, day) * MS_PER_DAY + hour * 3600000 + minute * 60000 +
               second * 1000 + ms;
    return true;
}
