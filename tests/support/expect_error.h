// EXPECT_ERROR(expression, code): the expression throws an Error with that code.
#pragma once

#include <gtest/gtest.h>

#include "base/error.h"

#define EXPECT_ERROR(expression, expected_code)                                       \
  do {                                                                                \
    try {                                                                             \
      static_cast<void>(expression);                                                  \
      ADD_FAILURE() << #expression << " did not throw";                               \
    } catch (const ::tidesync::Error& thrown) {                                       \
      EXPECT_EQ(to_string(thrown.code()), to_string(expected_code)) << thrown.what(); \
    }                                                                                 \
  } while (false)
