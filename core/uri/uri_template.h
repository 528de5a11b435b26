/*
 * URI templates (RFC 6570, levels 1 to 4), as resource templates use them: checked once when they
 * are registered, then matched against the URIs that callers ask for.
 *
 * Every function takes the template as text and reads it anew: that is linear in its few bytes, and
 * there is nothing to free. Nothing is kept, so all of them may run in any thread.
 *
 * Beyond RFC 6570 a template must be good for matching:
 *   - no variable stands in it twice;
 *   - escapes in its literals are UTF-8;
 *   - it must be told from the template where a value ends. An expression may stand directly behind
 *     another one only if it begins with a character that the values of the first one never hold:
 *     {a}{/b}, {+path}{?q} and {?a}{&b} are fine, {a}{b} and {a}{.b} are refused. A literal behind
 *     {;a}, {?a} or {&a} must begin with such a character, too: '&' or '#' behind a query. Between
 *     other expressions every literal will do: of several ways to match, the one counts in which
 *     the first value is longest, then the second, and so on;
 *   - it is at most URI_TEMPLATE_MAX_BYTES long and has at most URI_TEMPLATE_MAX_VARIABLES.
 */
#pragma once

#include "core/base/error.h"
#include "core/json/writer.h"
#include "core/uri/uri.h"

#define URI_TEMPLATE_MAX_BYTES 2048
#define URI_TEMPLATE_MAX_VARIABLES 32

/* ST_INVALID or ST_TOO_LARGE; the text names the byte (from 0). */
int uri_template_check(struct str text, struct error *err);

/* The name of the variable at `index`, in the order of the template; it is borrowed from `text`.
 * False if there are fewer, or if the template is malformed. */
bool uri_template_variable(struct str text, size_t index, struct str *name);

/* True if `name` is a variable of the template. */
bool uri_template_has(struct str text, struct str name);

/*
 * The reverse of expansion: the values with which `text` expands to the whole of `uri`, written as
 * one object {"name": "value", ...} in the order of the template. Values are decoded. A variable
 * with '*' gets a list of strings. A variable that the URI leaves out has no member.
 *
 *   {a} {a,b}      must be there, all of them, with at least one character each.
 *   {+a} {+a,b}    the same.
 *   {/a} {.a} {#a} may be absent; if not, at least one character. Of {/a,b} the last may be absent.
 *   {;a} {?a} {&a} pairs in any order; each may be absent, its value may be empty. A name twice
 *                  (without '*') or a name that the template does not know: no match. {?a} begins
 *                  at the first '?' of the URI.
 *   {a:3}          at most three characters.
 *
 * What a value may hold besides letters, digits, "-._~" and escapes:
 *   {a} {/a} {.a} {;a}  !$'()*+:@ and ','. Never '/', '?' or '#'.
 *   {?a} {&a}           !$'()*+:@ and ",;=/?". '+' is a plus, not a space.
 *   {+a}                all reserved characters, but no '?' (or '#') if the template holds one
 *                       later on, so that {+path} does not reach into the query of {+path}{?q}.
 *   {#a}                all reserved characters but '#'.
 * The separator of an expression is left out where it separates: ',' in {a,b} and {a*}, '.' in
 * {.a*}.
 *
 * Values are UTF-8 without U+0000, or there is no match. They are not paths: {name} never matches
 * '/', but its value holds one if the URI says %2F, and "." and ".." are values like others.
 * Whoever makes file names of values must refuse these.
 *
 * The work is bounded by (bytes of the template) x (bytes of the URI), and the memory by 100 kB;
 * nothing is tried twice. A URI longer than URI_MAX_BYTES matches nothing.
 *
 * ST_OK; ST_NOT_FOUND if the URI does not match or the template is malformed; ST_NOMEM. `variables`
 * is written to only with ST_OK.
 */
int uri_template_match(struct str text, struct str uri, struct json_writer *variables);

/*
 * Expansion by RFC 6570. `variables` is an object; its members are strings, lists of strings, or
 * objects of strings. Members that the template does not name are ignored; a variable without
 * member, null, an empty list and an empty object are undefined.
 *
 * ST_INVALID for values of other types, for U+0000 in a value, and for a prefix ({a:3}) of a list
 * or object, as RFC 6570 has it; ST_TOO_LARGE for a result over URI_MAX_BYTES; ST_NOMEM. `out` is
 * appended to only with ST_OK.
 */
int uri_template_expand(struct str text, struct json variables, struct buffer *out,
                        struct error *err);
