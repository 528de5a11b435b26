#include "core/uri/address.h"

#include "core/uri/characters.h"

static bool is_octet(struct str text)
{
    int value = 0;
    if (text.len == 0 || text.len > 3 || (text.len > 1 && text.ptr[0] == '0'))
        return false;
    for (size_t i = 0; i < text.len; i++) {
        if (!uri_is_digit(text.ptr[i]))
            return false;
        value = value * 10 + (text.ptr[i] - '0');
    }
    return value <= 255;
}

bool address_is_ipv4(struct str text)
{
    for (int i = 0; i < 3; i++) {
        const char *dot = text.len ? memchr(text.ptr, '.', text.len) : NULL;
        if (!dot || !is_octet((struct str){text.ptr, (size_t)(dot - text.ptr)}))
            return false;
        text = uri_behind(text, (size_t)(dot - text.ptr) + 1);
    }
    return is_octet(text);
}

static size_t hex_run(struct str text)
{
    size_t len = 0;
    while (len < text.len && hex_digit(text.ptr[len]) >= 0)
        len++;
    return len;
}

bool address_is_ipv6(struct str text)
{
    int groups = 0;
    bool gap = str_starts(text, STR("::"));
    if (gap)
        text = uri_behind(text, 2);
    while (text.len) {
        size_t len = hex_run(text);
        if (len < text.len && text.ptr[len] == '.')
            return address_is_ipv4(text) && (gap ? groups < 6 : groups == 6);
        if (len == 0 || len > 4 || ++groups > 8)
            return false;
        text = uri_behind(text, len);
        if (text.len == 0)
            break;
        if (text.ptr[0] != ':' || text.len == 1)
            return false;
        text = uri_behind(text, 1);
        if (text.ptr[0] == ':') {
            if (gap)
                return false;
            gap = true;
            text = uri_behind(text, 1);
        }
    }
    return gap ? groups < 8 : groups == 8;
}
