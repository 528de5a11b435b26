/*
 * SPDX-License-Identifier: MIT
 */
#include "scan.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

size_t scan_digits(const char *text)
{
    return strspn(text, "0123456789");
}

int scan_number(const char **at, size_t count, int *value)
{
    int number = 0;
    if (scan_digits(*at) < count)
        return 0;
    for (size_t i = 0; i < count; i++)
        number = number * 10 + (*at)[i] - '0';
    *at += count;
    *value = number;
    return 1;
}

int scan_byte(const char **at, char c)
{
    if (**at != c)
        return 0;
    (*at)++;
    return 1;
}

size_t scan_blanks(const char **at)
{
    size_t count = strspn(*at, " \t\r\n");
    *at += count;
    return count;
}

int scan_word(const char **at, const char *const words[], size_t count, size_t least)
{
    size_t len = 0;
    while (isalpha((unsigned char)(*at)[len]))
        len++;
    for (size_t i = 0; len > 0 && i < count; i++) {
        size_t whole = strlen(words[i]);
        if (strncasecmp(*at, words[i], len) != 0 || (len != whole && len != least))
            continue;
        *at += len;
        return (int)i;
    }
    return -1;
}

int scan_fraction(const char **at, int *microsecond)
{
    size_t count = scan_digits(*at);
    int value = 0;
    if (count == 0)
        return 0;
    for (size_t i = 0; i < 6; i++)
        value = value * 10 + (i < count ? (*at)[i] - '0' : 0);
    *at += count;
    *microsecond = value;
    return 1;
}
