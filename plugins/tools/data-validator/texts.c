/*
 * SPDX-License-Identifier: MIT
 */
#include "texts.h"

#include <string.h>

static int is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static int is_hex(char c)
{
    return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

/* Copies the digits of `text` to `digits`, at most `cap`. Returns how many there are; cap + 1 if there
 * are more or another character than `between` stands between them. */
static size_t take_digits(hexmcp_str text, const char *between, char *digits, size_t cap)
{
    size_t count = 0;
    for (size_t i = 0; i < text.len; i++) {
        char c = text.ptr[i];
        if (is_digit(c) && count < cap)
            digits[count++] = c;
        else if (c == '\0' || !strchr(between, c))
            return cap + 1;
    }
    return count;
}

const char *text_phone(hexmcp_str text)
{
    char digits[15];
    int plus = text.len > 0 && text.ptr[0] == '+';
    hexmcp_str rest = {text.ptr + plus, text.len - (size_t)plus};
    size_t count = take_digits(rest, " .-()/", digits, sizeof(digits));
    if (count < 7 || count > sizeof(digits))
        return "must be a phone number: 7 to 15 digits, with + in front if it is international";
    return plus && digits[0] == '0'
               ? "must be a phone number: no country code begins with 0; write +49 30 ..."
               : NULL;
}

const char *text_credit_card(hexmcp_str text)
{
    char digits[19];
    int sum = 0;
    size_t count = take_digits(text, " -", digits, sizeof(digits));
    if (count < 12 || count > sizeof(digits))
        return "must be a card number: 12 to 19 digits";
    for (size_t i = 0; i < count; i++) {
        int digit = digits[count - 1 - i] - '0';
        if (i % 2 == 1)
            digit = digit > 4 ? 2 * digit - 9 : 2 * digit;
        sum += digit;
    }
    return sum % 10 == 0 ? NULL : "must be a card number: the check digit is wrong";
}

const char *text_uuid(hexmcp_str text)
{
    static const char form[] = "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx";
    int right = text.len == sizeof(form) - 1;
    for (size_t i = 0; right && i < text.len; i++)
        right = form[i] == 'x' ? is_hex(text.ptr[i]) : text.ptr[i] == '-';
    return right ? NULL : "must be a UUID: 8-4-4-4-12 hexadecimal digits";
}
