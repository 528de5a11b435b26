/*
 * lexer.h - the tokens of a GraphQL document (specification of October 2021, 2.1).
 *
 * SPDX-License-Identifier: MIT
 */
#pragma once

#include "hexmcp/abi.h"

enum token_kind { TOKEN_END, TOKEN_NAME, TOKEN_PUNCTUATOR, TOKEN_NUMBER, TOKEN_STRING, TOKEN_WRONG };

struct token {
    enum token_kind kind;
    hexmcp_str text; /* "..." is one punctuator */
};

struct lexer {
    hexmcp_str rest;
    unsigned line; /* of what comes next, from 1 */
};

/* The next token. After TOKEN_WRONG, a character or a string that is none, comes nothing more of use. */
struct token lexer_next(struct lexer *lexer);
