/*
 * SPDX-License-Identifier: MIT
 */
#include "names.h"

#include <idn2.h>
#include <stdint.h>
#include <string.h>
#ifdef HAVE_LIBPSL
#include <libpsl.h>
#endif

bool names_unicode(const char *name, struct bytes *out)
{
    char *unicode = NULL;
    if (idn2_to_unicode_8z8z(name, &unicode, 0) != IDN2_OK)
        return false;
    bool good = strcmp(unicode, name) != 0 && bytes_add(out, unicode, strlen(unicode));
    idn2_free(unicode);
    return good;
}

/* ---- letters that look like others ---- */

/* Cyrillic and Greek letters, and those that resemble Latin ones closely in most fonts (Unicode's
 * confusables.txt). */
static const struct {
    uint32_t letter;
    char latin;
} twins[] = {
    {0x0430, 'a'}, {0x0435, 'e'}, {0x043E, 'o'}, {0x0440, 'p'}, {0x0441, 'c'}, {0x0443, 'y'},
    {0x0445, 'x'}, {0x0455, 's'}, {0x0456, 'i'}, {0x0458, 'j'}, {0x04BB, 'h'}, {0x04CF, 'l'},
    {0x0501, 'd'}, {0x051B, 'q'}, {0x051D, 'w'}, {0x0475, 'v'}, {0x043C, 'm'}, {0x043D, 'h'},
    {0x043A, 'k'}, {0x0442, 't'}, {0x0433, 'r'}, {0x0432, 'b'}, {0x03B1, 'a'}, {0x03B5, 'e'},
    {0x03B9, 'i'}, {0x03BA, 'k'}, {0x03BD, 'v'}, {0x03BF, 'o'}, {0x03C1, 'p'}, {0x03C5, 'u'},
    {0x03C7, 'x'}, {0x03B3, 'y'}, {0x0578, 'n'}, {0x057D, 'u'}, {0x0585, 'o'}, {0x0570, 'h'},
    {0x0251, 'a'}, {0x0261, 'g'}, {0x0131, 'i'}, {0x026A, 'i'}, {0x0280, 'r'}, {0x0274, 'n'}};

static uint32_t next_letter(const char **at)
{
    const unsigned char *b = (const unsigned char *)*at;
    unsigned more = b[0] < 0x80 ? 0 : b[0] < 0xE0 ? 1 : b[0] < 0xF0 ? 2 : 3;
    uint32_t letter = more ? b[0] & (0x3Fu >> more) : b[0];
    for (unsigned i = 1; i <= more; i++)
        letter = letter << 6 | (b[i] & 0x3Fu);
    *at += more + 1;
    return letter;
}

static char twin_of(uint32_t letter)
{
    for (size_t i = 0; i < sizeof(twins) / sizeof(twins[0]); i++)
        if (twins[i].letter == letter)
            return twins[i].latin;
    return 0;
}

struct label {
    unsigned latin, twins, others;
};

static enum lookalike judge(const struct label *label)
{
    if (label->twins == 0 || label->others > 0)
        return LOOKS_PLAIN;
    return label->latin > 0 ? LOOKS_MIXED : label->twins > 1 ? LOOKS_LATIN : LOOKS_PLAIN;
}

enum lookalike names_resemble(const char *unicode, struct bytes *latin)
{
    struct label label = {0};
    enum lookalike worst = LOOKS_PLAIN;
    for (const char *at = unicode;;) {
        const char *from = at;
        uint32_t letter = *at ? next_letter(&at) : 0;
        char twin = twin_of(letter);
        if (letter == 0 || letter == '.') {
            enum lookalike now = judge(&label);
            worst = now > worst ? now : worst;
            label = (struct label){0};
        } else if (twin) {
            label.twins++;
        } else if (letter >= 'a' && letter <= 'z') {
            label.latin++;
        } else if (letter >= 0x80) {
            label.others++;
        }
        if (letter == 0)
            return worst;
        if (!bytes_add(latin, twin ? &twin : from, twin ? 1 : (size_t)(at - from)))
            return LOOKS_PLAIN;
    }
}

/* ---- public suffixes ---- */

#ifdef HAVE_LIBPSL
bool names_suffix(const char *name, const char **suffix, const char **registrable)
{
    const psl_ctx_t *list = psl_builtin();
    if (!list)
        return false;
    *suffix = psl_unregistrable_domain(list, name);
    *registrable = psl_registrable_domain(list, name);
    return true;
}
#else
bool names_suffix(const char *name, const char **suffix, const char **registrable)
{
    (void)name;
    (void)suffix;
    (void)registrable;
    return false;
}
#endif
