#include "cli/app.h"

int main(int argc, char** argv) {
  return tidesync::run_app(tidesync::utf8_arguments(argc, argv));
}
