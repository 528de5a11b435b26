#include "core/base/base64.h"

static bool is_digit(unsigned char c)
{
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '+' ||
           c == '/';
}

bool base64_check(struct str text)
{
    size_t len = text.len;
    if (len % 4)
        return false;
    for (int pad = 0; pad < 2 && len && text.ptr[len - 1] == '='; pad++)
        len--;
    for (size_t i = 0; i < len; i++)
        if (!is_digit((unsigned char)text.ptr[i]))
            return false;
    return true;
}
