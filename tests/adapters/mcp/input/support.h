/*
 * What the tests of input/ share. Texts of JSON and messages are written with ' in place of ".
 */
#pragma once

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "adapters/driving/mcp/input/client_abilities.h"
#include "adapters/driving/mcp/input/input_need.h"

/* Parsed JSON and the memory that it stands in. Ends the test if it is no JSON. */
struct text {
    char *bytes;
    struct json_doc *doc;
    struct json root;
};
struct text text_of(const char *json);
void text_free(struct text *t);

/* `got` must be `wanted`. */
void assert_text(struct str got, const char *wanted);
void assert_message(const struct error *err, const char *wanted);

/* Of the capabilities object. */
struct client_abilities abilities_of(const char *capabilities, enum revision revision);

/* A client that declared everything. */
#define EVERYTHING                                                                                 \
    "{'sampling':{'tools':{},'context':{}},'roots':{'listChanged':true},"                          \
    "'elicitation':{'form':{},'url':{}},'extensions':{'io.modelcontextprotocol/tasks':{}}}"

/* Requests. */
#define FORM(properties, more)                                                                     \
    "{'method':'elicitation/create','params':{'message':'Who?','requestedSchema':{"                \
    "'type':'object','properties':{" properties "}" more "}}}"
#define NAME_FORM FORM("'name':{'type':'string'}", ",'required':['name']")
#define URL(url)                                                                                   \
    "{'method':'elicitation/create','params':{'mode':'url','message':'Sign in','url':'" url "'}}"
#define SAMPLING(messages, more)                                                                   \
    "{'method':'sampling/createMessage','params':{'messages':[" messages "],'maxTokens':9" more    \
    "}}"
#define USER(content) "{'role':'user','content':" content "}"
#define ASSISTANT(content) "{'role':'assistant','content':" content "}"
#define TEXT "{'type':'text','text':'hi'}"
#define AUDIO "{'type':'audio','data':'AA==','mimeType':'audio/wav'}"
#define USE(id) "{'type':'tool_use','id':'" id "','name':'t','input':{}}"
#define TOOL_RESULT(id) "{'type':'tool_result','toolUseId':'" id "','content':[]}"
#define ROOTS "{'method':'roots/list'}"
