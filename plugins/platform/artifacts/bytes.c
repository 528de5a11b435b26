#include "artifacts.h"

static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

char *base64_encode(const char *bytes, size_t len, size_t *ret_len)
{
    const unsigned char *in = (const unsigned char *)bytes;
    char *out = (char *)malloc((len + 2) / 3 * 4 + 1);
    size_t at = 0;
    if (!out)
        return NULL;
    for (size_t i = 0; i < len; i += 3) {
        unsigned group = (unsigned)in[i] << 16 | (i + 1 < len ? (unsigned)in[i + 1] << 8 : 0) |
                         (i + 2 < len ? in[i + 2] : 0);
        out[at++] = digits[group >> 18];
        out[at++] = digits[group >> 12 & 63];
        out[at++] = i + 1 < len ? digits[group >> 6 & 63] : '=';
        out[at++] = i + 2 < len ? digits[group & 63] : '=';
    }
    *ret_len = at;
    return out;
}

static int value_of(char c)
{
    const char *at = c ? strchr(digits, c) : NULL;
    return at ? (int)(at - digits) : -1;
}

char *base64_decode(const char *text, size_t len, size_t *ret_len)
{
    size_t pad = 0, at = 0;
    unsigned group = 0;
    if (len % 4)
        return NULL;
    while (pad < 2 && pad < len && text[len - 1 - pad] == '=')
        pad++;
    char *out = (char *)malloc(len / 4 * 3 + 1);
    for (size_t i = 0; out && i < len - pad; i++) {
        int value = value_of(text[i]);
        if (value < 0) {
            free(out);
            return NULL;
        }
        group = group << 6 | (unsigned)value;
        if (i % 4 != 0)
            out[at++] = (char)(group >> (6 - 2 * (i % 4)) & 255);
    }
    *ret_len = at;
    return out;
}

static int contains(hexmcp_str text, const char *word)
{
    return memmem(text.ptr, text.len, word, strlen(word)) != NULL;
}

/* Bytes of the character at `s`; 0 if there is none. */
static size_t character(const unsigned char *s, size_t left)
{
    size_t len = s[0] < 0x80 ? 1 : s[0] >= 0xc2 && s[0] < 0xe0 ? 2 : s[0] >= 0xe0 && s[0] < 0xf0 ? 3
                 : s[0] >= 0xf0 && s[0] < 0xf5                 ? 4
                                                               : 0;
    if (len == 0 || len > left)
        return 0;
    for (size_t i = 1; i < len; i++)
        if ((s[i] & 0xc0) != 0x80)
            return 0;
    if ((s[0] == 0xe0 && s[1] < 0xa0) || (s[0] == 0xed && s[1] > 0x9f) || (s[0] == 0xf0 && s[1] < 0x90) ||
        (s[0] == 0xf4 && s[1] > 0x8f))
        return 0;
    return len;
}

int is_text(hexmcp_str mime, const char *bytes, size_t len)
{
    const unsigned char *s = (const unsigned char *)bytes;
    if (!hexmcp_str_begins(mime, "\"text/") && !contains(mime, "json") && !contains(mime, "xml") &&
        !contains(mime, "javascript"))
        return 0;
    for (size_t i = 0; i < len;) {
        size_t step = character(s + i, len - i);
        if (step == 0)
            return 0;
        i += step;
    }
    return 1;
}
