#include "core/json/number.h"

/* A product of two 63-bit numbers. */
__extension__ typedef unsigned __int128 wide;

/* digits * 10^exponent, without zeros at either end of the digits; zero has no digits. */
struct decimal {
    bool negative;
    const char *text; /* digits, perhaps with one point among them */
    size_t len;       /* of text */
    size_t digits;
    int64_t exponent; /* of the last digit */
};

/* Far from overflow, also after the length of a text is added. */
#define EXPONENT_MAX INT64_C(100000000000000000)

static int64_t parse_exponent(const char *at, const char *end)
{
    bool negative = at < end && *at == '-';
    if (at < end && (*at == '-' || *at == '+'))
        at++;
    int64_t value = 0;
    for (; at < end; at++)
        if (value < EXPONENT_MAX)
            value = value * 10 + (*at - '0');
    if (value > EXPONENT_MAX)
        value = EXPONENT_MAX;
    return negative ? -value : value;
}

static size_t count_digits(const char *at, size_t len)
{
    return len - (memchr(at, '.', len) ? 1 : 0);
}

static struct decimal decimal_of(struct json v)
{
    struct str s = json_text(v);
    const char *at = s.ptr, *end = s.ptr + s.len;
    struct decimal d = {.negative = *at == '-'};
    at += d.negative;
    const char *stop = at;
    while (stop < end && *stop != 'e' && *stop != 'E')
        stop++;
    if (stop < end)
        d.exponent = parse_exponent(stop + 1, end);
    const char *point = memchr(at, '.', (size_t)(stop - at));
    if (point)
        d.exponent -= stop - point - 1;
    while (at < stop && (*at == '0' || *at == '.'))
        at++;
    /* Zeros at the end raise the exponent; a point among them does not count. */
    while (stop > at && (stop[-1] == '0' || stop[-1] == '.')) {
        d.exponent += stop[-1] == '0';
        stop--;
    }
    d.text = at;
    d.len = (size_t)(stop - at);
    d.digits = count_digits(at, d.len);
    if (d.digits == 0)
        d = (struct decimal){.text = at};
    return d;
}

/* Steps to the next digit. */
static int next_digit(const char **at, const char *end)
{
    if (*at < end && **at == '.')
        (*at)++;
    return *at < end ? *(*at)++ - '0' : 0;
}

static int compare_magnitude(const struct decimal *a, const struct decimal *b)
{
    int64_t top_a = a->exponent + (int64_t)a->digits, top_b = b->exponent + (int64_t)b->digits;
    if (a->digits == 0 || b->digits == 0)
        return (a->digits != 0) - (b->digits != 0);
    if (top_a != top_b)
        return top_a < top_b ? -1 : 1;
    const char *x = a->text, *y = b->text;
    size_t most = a->digits > b->digits ? a->digits : b->digits;
    for (size_t i = 0; i < most; i++) {
        int p = next_digit(&x, a->text + a->len), q = next_digit(&y, b->text + b->len);
        if (p != q)
            return p < q ? -1 : 1;
    }
    return 0;
}

int number_compare(struct json a, struct json b)
{
    struct decimal x = decimal_of(a), y = decimal_of(b);
    if (x.negative != y.negative)
        return x.negative ? -1 : 1;
    int order = compare_magnitude(&x, &y);
    return x.negative ? -order : order;
}

bool number_is_integer(struct json v)
{
    return json_is_integer_text(v) || decimal_of(v).exponent >= 0;
}

/* base^power mod modulus, modulus < 2^63. */
static uint64_t power_mod(uint64_t base, uint64_t power, uint64_t modulus)
{
    wide result = 1, factor = base % modulus;
    for (; power; power >>= 1) {
        if (power & 1)
            result = result * factor % modulus;
        factor = factor * factor % modulus;
    }
    return (uint64_t)(result % modulus);
}

static uint64_t digits_mod(const struct decimal *d, uint64_t modulus)
{
    wide rest = 0;
    const char *at = d->text, *end = d->text + d->len;
    for (size_t i = 0; i < d->digits; i++)
        rest = (rest * 10 + (unsigned)next_digit(&at, end)) % modulus;
    return (uint64_t)rest;
}

/* ---- multiples of units that are too long for a machine word ------------------------------- */

#define LIMB_BASE 1000000000u
#define LIMBS ((NUMBER_UNIT_DIGITS + 8) / 9 + 1)

/* Least significant limb first. */
struct big {
    uint32_t limb[LIMBS];
};

/* n = n * 10 + digit */
static void push_digit(struct big *n, unsigned digit)
{
    uint64_t carry = digit;
    for (size_t i = 0; i < LIMBS; i++) {
        carry += (uint64_t)n->limb[i] * 10;
        n->limb[i] = (uint32_t)(carry % LIMB_BASE);
        carry /= LIMB_BASE;
    }
}

static bool at_least(const struct big *a, const struct big *b)
{
    size_t i = LIMBS - 1;
    while (i && a->limb[i] == b->limb[i])
        i--;
    return a->limb[i] >= b->limb[i];
}

static void subtract(struct big *a, const struct big *b)
{
    uint32_t borrow = 0;
    for (size_t i = 0; i < LIMBS; i++) {
        uint32_t take = b->limb[i] + borrow;
        borrow = a->limb[i] < take;
        a->limb[i] = a->limb[i] + (borrow ? LIMB_BASE : 0) - take;
    }
}

/* Whether digits_a * 10^zeros is a multiple of digits_b. A power of ten brings only factors 2 and
 * 5, and digits_b has fewer than four for each of its digits: more zeros change nothing. */
static bool is_long_multiple(const struct decimal *a, const struct decimal *b, int64_t zeros)
{
    struct big unit = {{0}}, rest = {{0}};
    const char *at = b->text, *end = b->text + b->len;
    for (size_t i = 0; i < b->digits; i++)
        push_digit(&unit, (unsigned)next_digit(&at, end));
    int64_t most = 4 * (int64_t)b->digits;
    size_t count = a->digits + (size_t)(zeros < most ? zeros : most);
    at = a->text;
    end = a->text + a->len;
    for (size_t i = 0; i < count; i++) {
        push_digit(&rest, i < a->digits ? (unsigned)next_digit(&at, end) : 0);
        while (at_least(&rest, &unit))
            subtract(&rest, &unit);
    }
    for (size_t i = 0; i < LIMBS; i++)
        if (rest.limb[i])
            return false;
    return true;
}

/* ---- multiples ------------------------------------------------------------------------------ */

bool number_is_unit(struct json v)
{
    struct decimal d = decimal_of(v);
    return !d.negative && d.digits > 0 && d.digits <= NUMBER_UNIT_DIGITS;
}

bool number_is_multiple(struct json v, struct json unit)
{
    struct decimal a = decimal_of(v), b = decimal_of(unit);
    if (a.digits == 0)
        return true;
    /* v would have to be digits_b * 10^(e_b - e_a) * n, which ends in a zero; its digits do not. */
    if (a.exponent < b.exponent)
        return false;
    if (b.digits > 18)
        return is_long_multiple(&a, &b, a.exponent - b.exponent);
    uint64_t modulus = 0;
    const char *at = b.text;
    for (size_t i = 0; i < b.digits; i++)
        modulus = modulus * 10 + (uint64_t)next_digit(&at, b.text + b.len);
    uint64_t scale = power_mod(10, (uint64_t)(a.exponent - b.exponent), modulus);
    return (wide)digits_mod(&a, modulus) * scale % modulus == 0;
}

uint64_t number_hash(struct json v)
{
    struct decimal d = decimal_of(v);
    uint64_t hash = 14695981039346656037u ^ (uint64_t)d.exponent ^ (uint64_t)d.negative << 63;
    const char *at = d.text;
    for (size_t i = 0; i < d.digits; i++)
        hash = (hash ^ (uint64_t)next_digit(&at, d.text + d.len)) * 1099511628211u;
    return hash;
}

bool number_count(struct json v, int64_t *out)
{
    struct decimal d = decimal_of(v);
    if (d.negative || d.exponent < 0 || d.exponent + (int64_t)d.digits > 18)
        return false;
    int64_t value = 0;
    const char *at = d.text;
    for (size_t i = 0; i < d.digits; i++)
        value = value * 10 + next_digit(&at, d.text + d.len);
    for (int64_t i = 0; i < d.exponent; i++)
        value *= 10;
    *out = value;
    return true;
}
