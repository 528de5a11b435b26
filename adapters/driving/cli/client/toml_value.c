#include "adapters/driving/cli/client/toml_value.h"

#include "core/json/utf8.h"

static bool is_one_of(struct str text, size_t at, const char *set)
{
    return at < text.len && text.ptr[at] && strchr(set, text.ptr[at]);
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_bare(char c)
{
    return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == '-';
}

void toml_skip_blanks(struct str text, size_t *at)
{
    while (is_one_of(text, *at, " \t"))
        ++*at;
}

bool toml_take_break(struct str text, size_t *at)
{
    size_t i = *at;
    if (i < text.len && text.ptr[i] == '\r')
        i++;
    if (i >= text.len || text.ptr[i] != '\n')
        return false;
    *at = i + 1;
    return true;
}

bool toml_take_comment(struct str text, size_t *at)
{
    if (!is_one_of(text, *at, "#"))
        return true;
    while (*at < text.len) {
        size_t behind = *at, len = utf8_sequence(text.ptr + *at, text.ptr + text.len);
        unsigned char c = (unsigned char)text.ptr[*at];
        if (toml_take_break(text, &behind))
            return true;
        if (len == 0 || ((c < 0x20 || c == 0x7F) && c != '\t'))
            return false;
        *at += len;
    }
    return true;
}

bool toml_skip_lines(struct str text, size_t *at)
{
    do {
        toml_skip_blanks(text, at);
        if (!toml_take_comment(text, at))
            return false;
    } while (toml_take_break(text, at));
    return true;
}

/* --- keys -------------------------------------------------------------------------------------- */

static bool add_part(struct toml_key *key, struct str part)
{
    size_t used = key->count ? key->ends[key->count - 1] : 0;
    if (key->count == TOML_MAX_PARTS || part.len > sizeof(key->text) - used)
        return false;
    if (part.len)
        memcpy(key->text + used, part.ptr, part.len);
    key->ends[key->count++] = used + part.len;
    return true;
}

static bool take_part(struct str text, size_t *at, struct toml_key *key)
{
    if (is_one_of(text, *at, "\"'")) {
        struct buffer part = BUFFER_INIT;
        bool good = toml_take_string(text, at, false, &part) && !buffer_failed(&part) &&
                    add_part(key, buffer_str(&part));
        buffer_clear(&part);
        return good;
    }
    size_t begin = *at;
    while (*at < text.len && is_bare(text.ptr[*at]))
        ++*at;
    return *at > begin && add_part(key, (struct str){text.ptr + begin, *at - begin});
}

bool toml_take_key(struct str text, size_t *at, struct toml_key *key)
{
    key->count = 0;
    for (;;) {
        toml_skip_blanks(text, at);
        if (!take_part(text, at, key))
            return false;
        toml_skip_blanks(text, at);
        if (!is_one_of(text, *at, "."))
            return true;
        ++*at;
    }
}

struct str toml_part(const struct toml_key *key, size_t index)
{
    size_t begin = index ? key->ends[index - 1] : 0;
    return (struct str){key->text + begin, key->ends[index] - begin};
}

/* --- values ------------------------------------------------------------------------------------ */

/* Digits with single underscores between them. False if there is none. */
static bool take_digits(struct str text, size_t *at, const char *digits)
{
    size_t begin = *at;
    while (is_one_of(text, *at, digits) ||
           (*at > begin && is_one_of(text, *at, "_") && is_one_of(text, *at + 1, digits)))
        ++*at;
    return *at > begin;
}

static bool take_word(struct str text, size_t *at, const char *word)
{
    size_t len = strlen(word);
    if (text.len - *at < len || memcmp(text.ptr + *at, word, len) != 0)
        return false;
    *at += len;
    return true;
}

/* "dddd-dd-dd": one digit for each d, the others as they stand. */
static bool take_pattern(struct str text, size_t *at, const char *pattern)
{
    size_t i = *at;
    for (; *pattern; pattern++, i++)
        if (i >= text.len ||
            (*pattern == 'd' ? !is_digit(text.ptr[i]) : text.ptr[i] != *pattern))
            return false;
    *at = i;
    return true;
}

static bool take_time(struct str text, size_t *at)
{
    if (!take_pattern(text, at, "dd:dd:dd"))
        return false;
    if (!is_one_of(text, *at, "."))
        return true;
    ++*at;
    return take_digits(text, at, "0123456789");
}

static bool take_date(struct str text, size_t *at)
{
    if (!take_pattern(text, at, "dddd-dd-dd"))
        return false;
    size_t time = *at + 1;
    if (!is_one_of(text, *at, "Tt ") || !take_time(text, &time))
        return !is_one_of(text, *at, "Tt");
    *at = time;
    if (is_one_of(text, *at, "Zz"))
        ++*at;
    else if (is_one_of(text, *at, "+-"))
        return take_pattern(text, at, "+dd:dd") || take_pattern(text, at, "-dd:dd");
    return true;
}

static bool take_number(struct str text, size_t *at)
{
    static const char ten[] = "0123456789";
    if (is_one_of(text, *at, "+-"))
        ++*at;
    else if (take_word(text, at, "0x"))
        return take_digits(text, at, "0123456789abcdefABCDEF");
    else if (take_word(text, at, "0o"))
        return take_digits(text, at, "01234567");
    else if (take_word(text, at, "0b"))
        return take_digits(text, at, "01");
    if (take_word(text, at, "inf") || take_word(text, at, "nan"))
        return true;
    size_t begin = *at;
    if (!take_digits(text, at, ten) || (text.ptr[begin] == '0' && *at > begin + 1))
        return false;
    if (is_one_of(text, *at, ".")) {
        ++*at;
        if (!take_digits(text, at, ten))
            return false;
    }
    if (!is_one_of(text, *at, "eE"))
        return true;
    ++*at;
    if (is_one_of(text, *at, "+-"))
        ++*at;
    return take_digits(text, at, ten);
}

static bool take_array(struct str text, size_t *at, int depth)
{
    ++*at;
    for (;;) {
        if (!toml_skip_lines(text, at))
            return false;
        if (is_one_of(text, *at, "]"))
            break;
        if (!toml_take_value(text, at, depth + 1) || !toml_skip_lines(text, at))
            return false;
        if (is_one_of(text, *at, ","))
            ++*at;
        else if (!is_one_of(text, *at, "]"))
            return false;
    }
    ++*at;
    return true;
}

static bool take_inline_table(struct str text, size_t *at, int depth)
{
    struct toml_key key;
    ++*at;
    toml_skip_blanks(text, at);
    while (!is_one_of(text, *at, "}")) {
        if (!toml_take_key(text, at, &key) || !is_one_of(text, *at, "="))
            return false;
        ++*at;
        toml_skip_blanks(text, at);
        if (!toml_take_value(text, at, depth + 1))
            return false;
        toml_skip_blanks(text, at);
        if (is_one_of(text, *at, "}"))
            break;
        if (!is_one_of(text, *at, ","))
            return false;
        ++*at;
        toml_skip_blanks(text, at);
        if (is_one_of(text, *at, "}"))
            return false;
    }
    ++*at;
    return true;
}

bool toml_take_value(struct str text, size_t *at, int depth)
{
    if (*at >= text.len || depth > TOML_MAX_DEPTH)
        return false;
    if (is_one_of(text, *at, "\"'")) {
        struct buffer ignored = BUFFER_INIT;
        bool good = toml_take_string(text, at, true, &ignored);
        buffer_clear(&ignored);
        return good;
    }
    if (text.ptr[*at] == '[')
        return take_array(text, at, depth);
    if (text.ptr[*at] == '{')
        return take_inline_table(text, at, depth);
    if (take_word(text, at, "true") || take_word(text, at, "false"))
        return true;
    size_t date = *at, time = *at;
    if (take_date(text, &date)) {
        *at = date;
        return true;
    }
    if (take_time(text, &time)) {
        *at = time;
        return true;
    }
    return take_number(text, at);
}
