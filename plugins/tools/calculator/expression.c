#include "expression.h"

#include <stdbool.h>
#include <string.h>

/* An open parenthesis. */
struct frame {
    const struct function *function; /* NULL: only a group */
    size_t args;
    size_t place;
};

struct checker {
    const char *at;
    const char *end;
    const char *source;
    const struct variables *variables;
    struct expression *out;
    hexmcp_error *err;
    struct frame frames[MAX_DEPTH];
    size_t depth;
    size_t operations;
    size_t function_calls;
    bool want_operand;
};

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_name_start(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

static size_t count_characters(const char *begin, const char *end)
{
    size_t count = 0;
    for (; begin < end; begin++)
        count += ((unsigned char)*begin & 0xC0) != 0x80;
    return count;
}

static size_t place_of(const struct checker *c, const char *at)
{
    return count_characters(c->source, at) + 1;
}

/* Length in bytes of the character at `at`. */
static size_t character_length(const struct checker *c)
{
    size_t len = 1;
    while (c->at + len < c->end && ((unsigned char)c->at[len] & 0xC0) == 0x80)
        len++;
    return len;
}

static int32_t emit(struct checker *c, const char *text, size_t len)
{
    struct expression *out = c->out;
    if (len + 2 > sizeof(out->text) - out->len)
        return hexmcp_fail(c->err, HEXMCP_E_TOO_LARGE, "the expression is too long; split it");
    memcpy(out->text + out->len, text, len);
    out->len += len;
    out->text[out->len++] = ' ';
    out->text[out->len] = '\0';
    return HEXMCP_OK;
}

static int32_t emit_text(struct checker *c, const char *text)
{
    return emit(c, text, strlen(text));
}

static void skip_space(struct checker *c)
{
    while (c->at < c->end && strchr(" \t\r\n", *c->at) && *c->at)
        c->at++;
}

static bool begins_with(const struct checker *c, const char *text)
{
    size_t len = strlen(text);
    return (size_t)(c->end - c->at) >= len && memcmp(c->at, text, len) == 0;
}

/* Moves over `text` if it stands here. */
static bool accept(struct checker *c, const char *text)
{
    if (!begins_with(c, text))
        return false;
    c->at += strlen(text);
    return true;
}

static int32_t count_operation(struct checker *c)
{
    if (++c->operations > MAX_OPERATIONS)
        return hexmcp_fail(c->err, HEXMCP_E_TOO_LARGE,
                           "the expression has more than %d operations; split it and pass partial "
                           "results as variables",
                           MAX_OPERATIONS);
    return HEXMCP_OK;
}

static int32_t open_frame(struct checker *c, const struct function *function, const char *begin)
{
    if (c->depth == MAX_DEPTH)
        return hexmcp_fail(c->err, HEXMCP_E_TOO_LARGE,
                           "parentheses are nested deeper than %d at character %zu; split the "
                           "expression and pass partial results as variables",
                           MAX_DEPTH, place_of(c, begin));
    c->frames[c->depth++] = (struct frame){function, 0, place_of(c, begin)};
    c->at++;
    return emit_text(c, "(");
}

static int32_t wrong_count(struct checker *c, const struct frame *frame, size_t got)
{
    const struct function *f = frame->function;
    return hexmcp_fail(c->err, HEXMCP_E_INVALID,
                       "%s at character %zu got %zu argument%s; write %s(%s)%s", f->name,
                       frame->place, got, got == 1 ? "" : "s", f->name, f->arguments,
                       strcmp(f->name, "log") == 0 ? "; ln(x) is the natural logarithm" : "");
}

/* pi, e, pi() and e(). */
static int32_t put_constant(struct checker *c, const struct function *f)
{
    char text[8];
    snprintf(text, sizeof(text), "k_%s", f->name);
    c->want_operand = false;
    return emit_text(c, text);
}

/* A name before a parenthesis; c->at is at the parenthesis. */
static int32_t check_call(struct checker *c, const char *begin, size_t len)
{
    const struct function *f = function_find(begin, len);
    int32_t status;
    if (!f)
        return hexmcp_fail(c->err, HEXMCP_E_INVALID,
                           "there is no function `%.*s` (character %zu); the operation `functions` "
                           "lists all",
                           (int)(len < MAX_NAME ? len : MAX_NAME), begin, place_of(c, begin));
    if (++c->function_calls > MAX_FUNCTIONS)
        return hexmcp_fail(c->err, HEXMCP_E_TOO_LARGE,
                           "the expression calls more than %d functions; split it and pass partial "
                           "results as variables",
                           MAX_FUNCTIONS);
    if (f->max_args > 0) {
        status = emit(c, begin, len);
        c->out->len--; /* muParser knows a function by the parenthesis right after its name */
        return status == HEXMCP_OK ? open_frame(c, f, begin) : status;
    }
    c->at++;
    skip_space(c);
    if (!accept(c, ")"))
        return hexmcp_fail(c->err, HEXMCP_E_INVALID,
                           "%s at character %zu takes no arguments; write %s()", f->name,
                           place_of(c, begin), f->name);
    return put_constant(c, f);
}

/* A name without a parenthesis: a variable, pi or e. */
static int32_t check_variable(struct checker *c, const char *begin, size_t len)
{
    const struct function *f = function_find(begin, len);
    for (size_t i = 0; i < c->variables->count; i++) {
        const char *name = c->variables->items[i].name;
        if (strlen(name) == len && memcmp(name, begin, len) == 0) {
            char text[24];
            snprintf(text, sizeof(text), "v%zu", i);
            c->want_operand = false;
            return emit_text(c, text);
        }
    }
    if (f && f->max_args == 0)
        return put_constant(c, f);
    if (f)
        return hexmcp_fail(c->err, HEXMCP_E_INVALID,
                           "function %s at character %zu needs parentheses; write %s(%s)", f->name,
                           place_of(c, begin), f->name, f->arguments);
    return hexmcp_fail(c->err, HEXMCP_E_INVALID,
                       "`%.*s` at character %zu has no value; pass it in `variables`",
                       (int)(len < MAX_NAME ? len : MAX_NAME), begin, place_of(c, begin));
}

static int32_t check_name(struct checker *c)
{
    const char *begin = c->at;
    size_t len;
    while (c->at < c->end && (is_name_start(*c->at) || is_digit(*c->at)))
        c->at++;
    len = (size_t)(c->at - begin);
    skip_space(c);
    if (c->at < c->end && *c->at == '(')
        return check_call(c, begin, len);
    return check_variable(c, begin, len);
}

static void skip_digits(struct checker *c)
{
    while (c->at < c->end && is_digit(*c->at))
        c->at++;
}

/* digits, fraction, exponent; each part may be missing, but not all. */
static int32_t check_number(struct checker *c)
{
    char text[MAX_LENGTH + 4] = "0"; /* so that .5 is 0.5 to the reader of JSON numbers */
    const char *begin = c->at, *mantissa;
    size_t len;
    double value;
    skip_digits(c);
    if (c->at < c->end && *c->at == '.') {
        c->at++;
        skip_digits(c);
    }
    mantissa = c->at;
    if (c->at < c->end && (*c->at == 'e' || *c->at == 'E')) {
        const char *digits = ++c->at;
        if (c->at < c->end && (*c->at == '+' || *c->at == '-'))
            digits = ++c->at;
        skip_digits(c);
        if (c->at == digits)
            c->at = mantissa; /* an e that begins something else */
    }
    len = (size_t)(c->at - begin);
    memcpy(text + 1, begin, len);
    if (mantissa[-1] == '.') /* 5. is 5 */
        memmove(text + (mantissa - begin), text + (mantissa - begin) + 1,
                len - (size_t)(mantissa - begin) + 1);
    if (hexmcp_json_double(hexmcp_str_from(text), &value) != HEXMCP_OK)
        return hexmcp_fail(c->err, HEXMCP_E_TOO_LARGE,
                           "the number at character %zu is larger than 1.79e308",
                           place_of(c, begin));
    c->want_operand = false;
    return emit_text(c, text);
}

static int32_t unexpected(struct checker *c, const char *wanted, const char *advice)
{
    if ((unsigned char)*c->at < 0x20)
        return hexmcp_fail(c->err, HEXMCP_E_INVALID,
                           "expected %s at character %zu, found the control character 0x%02x; "
                           "remove it",
                           wanted, place_of(c, c->at), (unsigned)(unsigned char)*c->at);
    return hexmcp_fail(c->err, HEXMCP_E_INVALID, "expected %s at character %zu, found `%.*s`%s",
                       wanted, place_of(c, c->at), (int)character_length(c), c->at, advice);
}

/* muParser takes one sign before an operand. Any row of - and ! comes down to one of these. */
enum sign { PLUS, MINUS, NOT, MINUS_NOT, TRUTH, MINUS_TRUTH };

/* What a sign becomes when - or ! follows on its right. */
static const enum sign after_minus[] = {MINUS, PLUS, NOT, MINUS_NOT, TRUTH, MINUS_TRUTH};
static const enum sign after_not[] = {NOT, MINUS_NOT, TRUTH, MINUS_TRUTH, NOT, MINUS_NOT};

static int32_t check_signs(struct checker *c)
{
    static const char *const emitted[] = {NULL, "-", "!", "~", "$", "&"};
    enum sign sign = PLUS;
    for (;; skip_space(c)) {
        if (accept(c, "-") || accept(c, "\xE2\x88\x92"))
            sign = after_minus[sign];
        else if (accept(c, "!"))
            sign = after_not[sign];
        else if (!accept(c, "+"))
            break;
        int32_t status = count_operation(c);
        if (status != HEXMCP_OK)
            return status;
    }
    return emitted[sign] ? emit_text(c, emitted[sign]) : HEXMCP_OK;
}

static bool at_sign(const struct checker *c)
{
    return begins_with(c, "-") || begins_with(c, "+") || begins_with(c, "!") ||
           begins_with(c, "\xE2\x88\x92");
}

static int32_t check_operand(struct checker *c)
{
    if (is_digit(*c->at) || (*c->at == '.' && c->at + 1 < c->end && is_digit(c->at[1])))
        return check_number(c);
    if (is_name_start(*c->at))
        return check_name(c);
    if (*c->at == '(')
        return open_frame(c, NULL, c->at);
    if (at_sign(c))
        return check_signs(c);
    if (accept(c, "\xCF\x80"))
        return put_constant(c, function_find("pi", 2));
    return unexpected(c, "a number, a name or (", "");
}

static int32_t close_frame(struct checker *c)
{
    const struct frame *frame;
    if (c->depth == 0)
        return hexmcp_fail(c->err, HEXMCP_E_INVALID,
                           ") at character %zu closes nothing; remove it or add a (",
                           place_of(c, c->at));
    frame = &c->frames[--c->depth];
    if (frame->function) {
        size_t args = frame->args + (c->want_operand ? 0 : 1);
        if (args < frame->function->min_args || args > frame->function->max_args)
            return wrong_count(c, frame, args);
    }
    c->at++;
    c->want_operand = false;
    return emit_text(c, ")");
}

static int32_t next_argument(struct checker *c)
{
    if (c->depth == 0 || !c->frames[c->depth - 1].function)
        return hexmcp_fail(c->err, HEXMCP_E_INVALID,
                           "the comma at character %zu stands outside a function; the decimal sign "
                           "is a point, and digits are not grouped",
                           place_of(c, c->at));
    c->frames[c->depth - 1].args++;
    c->at++;
    c->want_operand = true;
    return emit_text(c, ",");
}

/* What people write, and what muParser calls it. Longer ones first. */
static const char *const operators[][2] = {
    {"**", "#"},           {"&&", "&&"}, {"||", "||"}, {"==", "=="}, {"!=", "!="},
    {"<=", "<="},          {">=", ">="}, {"<", "<"},   {">", ">"},   {"+", "+"},
    {"-", "-"},            {"*", "*"},   {"/", "/"},   {"%", "%"},   {"^", "#"},
    {"\xE2\x88\x92", "-"}, /* minus sign */
    {"\xC3\x97", "*"},     /* multiplication sign */
    {"\xC3\xB7", "/"},     /* division sign */
};

static int32_t check_operator(struct checker *c)
{
    if (*c->at == ')')
        return close_frame(c);
    if (*c->at == ',')
        return next_argument(c);
    for (size_t i = 0; i < sizeof(operators) / sizeof(operators[0]); i++)
        if (accept(c, operators[i][0])) {
            int32_t status = count_operation(c);
            c->want_operand = true;
            return status == HEXMCP_OK ? emit_text(c, operators[i][1]) : status;
        }
    if (*c->at == '=')
        return unexpected(c, "an operator", "; == compares, and values go in `variables`");
    if (*c->at == '&' || *c->at == '|')
        return unexpected(c, "an operator", "; and is &&, or is ||");
    if (*c->at == '!')
        return unexpected(c, "an operator", "; != compares, and there is no factorial");
    return unexpected(c, "an operator", "; a product needs *");
}

/* `f()`: the one place where ) may follow (. */
static bool at_empty_call(const struct checker *c)
{
    const struct frame *frame = c->depth ? &c->frames[c->depth - 1] : NULL;
    return *c->at == ')' && frame && frame->function && frame->args == 0 &&
           c->out->len >= 2 && c->out->text[c->out->len - 2] == '(';
}

static int32_t check_end(struct checker *c)
{
    if (c->out->len == 0 && c->operations == 0)
        return hexmcp_fail(c->err, HEXMCP_E_INVALID,
                           "the expression is empty; pass for example 2 * (3 + 4) in `input`");
    if (c->want_operand)
        return hexmcp_fail(c->err, HEXMCP_E_INVALID,
                           "the expression ends where a number, a name or ( should follow");
    if (c->depth > 0)
        return hexmcp_fail(c->err, HEXMCP_E_INVALID, "what opens at character %zu is never closed; add a )",
                           c->frames[c->depth - 1].place);
    return HEXMCP_OK;
}

int32_t expression_check(hexmcp_str source, const struct variables *variables,
                         struct expression *out, hexmcp_error *err)
{
    const char *end = source.ptr + source.len;
    struct checker c = {.at = source.ptr, .end = end, .source = source.ptr,
                        .variables = variables, .out = out, .err = err, .want_operand = true};
    size_t length = count_characters(source.ptr, end);
    int32_t status = HEXMCP_OK;
    out->len = 0;
    if (length > MAX_LENGTH)
        return hexmcp_fail(err, HEXMCP_E_TOO_LARGE,
                           "the expression has %zu characters, more than %d; split it and pass "
                           "partial results as variables",
                           length, MAX_LENGTH);
    for (skip_space(&c); status == HEXMCP_OK && c.at < c.end; skip_space(&c)) {
        if (c.want_operand && !at_empty_call(&c))
            status = check_operand(&c);
        else
            status = check_operator(&c);
    }
    return status == HEXMCP_OK ? check_end(&c) : status;
}
