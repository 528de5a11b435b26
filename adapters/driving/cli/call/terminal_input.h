/* Lines that a person types on the terminal behind standard input, while the loop goes on. */
#pragma once

#include "core/base/buffer.h"
#include "core/base/error.h"

struct loop;
struct terminal_input;

/* True if there is somebody to ask: standard input and stderr are terminals. */
bool terminal_can_ask(void);

/* NULL is not allowed anywhere but in terminal_input_close. */
int terminal_input_open(struct loop *loop, struct terminal_input **out, struct error *err);
void terminal_input_close(struct terminal_input *input);

enum typed {
    TYPED_LINE,
    TYPED_END,         /* Ctrl-D on an empty line */
    TYPED_INTERRUPTED, /* Ctrl-C, or the terminal is gone */
};

/* Waits for a line, without its end. */
enum typed terminal_input_line(struct terminal_input *input, struct buffer *line);
