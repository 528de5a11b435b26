#include "adapters/driving/cli/key/expiry.h"

#define HOUR_MS (3600 * INT64_C(1000))
#define MOST 100000

static int64_t unit_ms(char unit)
{
    switch (unit) {
    case 'h':
        return HOUR_MS;
    case 'd':
        return 24 * HOUR_MS;
    case 'w':
        return 7 * 24 * HOUR_MS;
    default:
        return 0;
    }
}

int expiry_parse(struct str text, int64_t *out_ms, struct error *err)
{
    int64_t number = 0, unit = text.len > 1 ? unit_ms(text.ptr[text.len - 1]) : 0;
    bool good = unit > 0;
    for (size_t i = 0; good && i + 1 < text.len; i++) {
        good = text.ptr[i] >= '0' && text.ptr[i] <= '9';
        number = number * 10 + (text.ptr[i] - '0');
        good = good && number <= MOST;
    }
    if (!good || number == 0)
        return error_set(err, ST_INVALID,
                         "--expires %.*s: expected a number from 1 to %d and h, d or w, e.g. 90d",
                         STR_ARG(text), MOST);
    *out_ms = number * unit;
    return ST_OK;
}
