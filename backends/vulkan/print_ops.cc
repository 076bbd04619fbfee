// SPDX-License-Identifier: Apache-2.0
//
// Prints the mathematics of backends/elementwise as GLSL, for the build.
//
//   print_ops list        for each op: name, form, dtypes
//   print_ops ops         a function op_<name> for each op (ops.glsl)
//   print_ops optimizer   for each rule, what a step does, in all its variants
//   (optimizer_rules.glsl) print_ops variants    C++: which variant an expression is
//   (optimizer_variants.inc)
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <set>
#include <string>
#include <type_traits>
#include <vector>

#include "tessera/backends/elementwise/list.h"
#include "tessera/backends/elementwise/ops.h"
#include "tessera/backends/vulkan/optimizer_trace.h"
#include "tessera/backends/vulkan/trace.h"

namespace tessera::vulkan {
namespace {

using elementwise::Domain;

std::string number(double c, const char* format, const char* suffix) {
  char text[64];
  std::snprintf(text, sizeof text, format, c);
  if (std::strpbrk(text, ".e") == nullptr) std::strcat(text, ".0");
  return std::string(text) + suffix;
}

enum class Constants {
  kReal,      // NUMBER(0.5f, 0.5lf): as float and as double
  kInteger,   // VALUE(3)
  kNumbered,  // C(k)
};

// Prints the steps of a plan, one a line.
class Printer {
 public:
  Printer(const Trace& trace, const Plan& plan, std::vector<std::string> inputs,
          Constants constants, bool exact)
      : steps_(trace.steps()),
        plan_(plan),
        inputs_(std::move(inputs)),
        constants_(constants),
        exact_(exact) {}

  std::string steps(const std::string& indent) const {
    std::string text;
    for (int at : plan_.order) {
      text += indent + (is_mask(steps_[at].code) ? "bool " : "VALUE ") + name(at) + " = " +
              expression(steps_[at]) + ";\n";
    }
    return text;
  }

  std::string name(int at) const {
    const Step& step = steps_[at];
    if (step.code == Code::kInput) return inputs_[step.a];
    if (step.code != Code::kConstant) return "t" + std::to_string(plan_.number[at]);
    switch (constants_) {
      case Constants::kReal:
        return "NUMBER(" + number(step.constant, "%.9g", "f") + ", " +
               number(step.constant, "%.17g", "lf") + ")";
      case Constants::kInteger:
        return "VALUE(" + std::to_string(static_cast<int>(step.constant)) + ")";
      default:
        return "C(" + std::to_string(plan_.number[at]) + ")";
    }
  }

 private:
  static bool is_mask(Code code) {
    return (code >= Code::kLess && code <= Code::kNotEqual) ||
           (code >= Code::kNot && code <= Code::kXor);
  }

  std::string call(const char* function, const Step& step) const {
    return std::string(function) + "(" + name(step.a) + ", " + name(step.b) + ")";
  }
  std::string infix(const char* op, const Step& step) const {
    return name(step.a) + " " + op + " " + name(step.b);
  }

  // x - x compared with 0 asks whether x is finite; x compared with x whether it is nan. Drivers
  // may take it that numbers are neither, functions on bits do not.
  std::string equal(const Step& step) const {
    if (constants_ == Constants::kReal) {
      if (step.a == step.b) return "!is_nan(" + name(step.a) + ")";
      const Step &a = steps_[step.a], &b = steps_[step.b];
      if (a.code == Code::kSub && a.a == a.b && b.code == Code::kConstant && b.constant == 0) {
        return "is_finite(" + name(a.a) + ")";
      }
    }
    return infix("==", step);
  }

  std::string expression(const Step& step) const {
    const bool integer = constants_ == Constants::kInteger;
    switch (step.code) {
      case Code::kNeg:
        return "-" + name(step.a);
      case Code::kAdd:
        return infix("+", step);
      case Code::kSub:
        return infix("-", step);
      case Code::kMul:
        return infix("*", step);
      case Code::kDiv:
        return integer || exact_ ? call("quotient", step) : infix("/", step);
      case Code::kLess:
        return infix("<", step);
      case Code::kLessEqual:
        return infix("<=", step);
      case Code::kGreater:
        return infix(">", step);
      case Code::kGreaterEqual:
        return infix(">=", step);
      case Code::kEqual:
        return equal(step);
      case Code::kNotEqual:
        if (constants_ == Constants::kNumbered && step.a == step.b) {
          return "is_nan(" + name(step.a) + ")";
        }
        return "!(" + equal(step) + ")";
      case Code::kSelect:
        return name(step.a) + " ? " + name(step.b) + " : " + name(step.c);
      case Code::kBitNot:
        return "~" + name(step.a);
      case Code::kBitAnd:
        return infix("&", step);
      case Code::kBitOr:
        return infix("|", step);
      case Code::kBitXor:
        return infix("^", step);
      case Code::kNot:
        return "!" + name(step.a);
      case Code::kAnd:
        return infix("&&", step);
      case Code::kOr:
        return infix("||", step);
      case Code::kXor:
        return infix("^^", step);
      case Code::kCall1: {
        const std::string function = kFunctions[step.b];
        if (exact_ && function == "sqrt") return "root(" + name(step.a) + ")";
        return "m_" + function + "(" + name(step.a) + ")";
      }
      case Code::kCall2:
        return std::string("m_") + kFunctions[step.c] + "(" + name(step.a) + ", " + name(step.b) +
               ")";
      default:
        return name(step.a);
    }
  }

  const std::vector<Step>& steps_;
  const Plan& plan_;
  std::vector<std::string> inputs_;
  Constants constants_;
  bool exact_;
};

// ---- Ops ---------------------------------------------------------------------------------------

// Ops whose results people compare with ==, or that cut a quotient off: drivers may be 2.5 units
// off.
bool is_exact(const std::string& op) {
  static const std::set<std::string> kExact = {"div",        "trunc_divide", "floor_divide",
                                               "reciprocal", "sqrt",         "rsqrt"};
  return kExact.count(op) != 0;
}

// A function of `arity` operands of type V, which print as `type`.
template <class Op, class V, int arity>
void print_function(const char* op, Constants constants) {
  Trace trace;
  const char* type = std::is_same_v<V, Mask> ? "bool" : "VALUE";
  auto input = [&] {
    if constexpr (std::is_same_v<V, Mask>) {
      return trace.input_mask();
    } else {
      return trace.input();
    }
  };
  const V a = input();
  auto result = [&] {
    if constexpr (arity == 1) {
      return Op::apply(a);
    } else {
      const V b = input();
      if constexpr (arity == 2) {
        return Op::apply(a, b);
      } else {
        const V c = input();
        return Op::apply(a, b, c);
      }
    }
  }();
  const int at = result.step();
  const Plan plan = plan_of(trace, {&at, 1});
  const Printer printer(trace, plan, {"a", "b", "c"}, constants, is_exact(op));
  std::string parameters;
  for (int i = 0; i < arity; ++i) {
    parameters += std::string(i == 0 ? "" : ", ") + type + " " + "abc"[i];
  }
  std::printf("%s op_%s(%s) {\n%s  return %s;\n}\n",
              std::is_same_v<decltype(result), Mask> ? "bool" : "VALUE", op, parameters.c_str(),
              printer.steps("  ").c_str(), printer.name(at).c_str());
}

template <class Op, int arity, Domain domain>
void print_in_domain(const char* op, Constants constants) {
  if constexpr (domain != Domain::kInteger) {
    if (constants == Constants::kReal) print_function<Op, Value, arity>(op, constants);
  }
  if constexpr (domain != Domain::kFloating) {
    if (constants == Constants::kInteger) print_function<Op, Value, arity>(op, constants);
  }
}

void print_numeric_ops(Constants constants) {
  using namespace elementwise;  // NOLINT: the structs that the lists name
#define TESSERA_PRINT(Type, name, domain) \
  print_in_domain<Type, 1, Domain::domain>(#name, constants);
  TESSERA_UNARY_OPS(TESSERA_PRINT)
  TESSERA_PREDICATE_OPS(TESSERA_PRINT)
#undef TESSERA_PRINT
#define TESSERA_PRINT(Type, name, domain) \
  print_in_domain<Type, 2, Domain::domain>(#name, constants);
  TESSERA_BINARY_OPS(TESSERA_PRINT)
#undef TESSERA_PRINT
#define TESSERA_PRINT(Type, name, domain) \
  print_in_domain<Type, 3, Domain::domain>(#name, constants);
  TESSERA_TERNARY_OPS(TESSERA_PRINT)
#undef TESSERA_PRINT
#define TESSERA_PRINT(Type, name) print_function<Type, Value, 2>(#name, constants);
  TESSERA_COMPARE_OPS(TESSERA_PRINT)
#undef TESSERA_PRINT
}

void print_ops() {
  using namespace elementwise;  // NOLINT: the structs that the lists name
  std::printf("// Made by print_ops from backends/elementwise/ops.inc.\n#ifdef REAL\n");
  print_numeric_ops(Constants::kReal);
  std::printf("#else\n");
  print_numeric_ops(Constants::kInteger);
  std::printf("#endif\n");
#define TESSERA_PRINT(Type, name) print_function<Type, Mask, 2>(#name, Constants::kReal);
  TESSERA_LOGICAL_OPS(TESSERA_PRINT)
#undef TESSERA_PRINT
#define TESSERA_PRINT(Type, name) print_function<Type, Mask, 1>(#name, Constants::kReal);
  TESSERA_LOGICAL_UNARY_OPS(TESSERA_PRINT)
#undef TESSERA_PRINT
}

struct Line {
  std::string name;
  const char* form;
  Domain domain;
};

void print_list() {
  std::vector<Line> lines;
  // A name that stands twice has one struct for each domain.
  auto add = [&](const char* name, const char* form, Domain domain) {
    for (Line& line : lines) {
      if (line.name != name) continue;
      if (line.domain != domain) line.domain = Domain::kNumeric;
      return;
    }
    lines.push_back({name, form, domain});
  };
#define TESSERA_PRINT(Type, name, domain) add(#name, "unary", Domain::domain);
  TESSERA_UNARY_OPS(TESSERA_PRINT)
#undef TESSERA_PRINT
#define TESSERA_PRINT(Type, name, domain) add(#name, "predicate", Domain::domain);
  TESSERA_PREDICATE_OPS(TESSERA_PRINT)
#undef TESSERA_PRINT
#define TESSERA_PRINT(Type, name, domain) add(#name, "binary", Domain::domain);
  TESSERA_BINARY_OPS(TESSERA_PRINT)
#undef TESSERA_PRINT
#define TESSERA_PRINT(Type, name, domain) add(#name, "ternary", Domain::domain);
  TESSERA_TERNARY_OPS(TESSERA_PRINT)
#undef TESSERA_PRINT
  const char* const kTypes[] = {"f32 f64 f16 bf16", "i32 i64 u8", "f32 f64 f16 bf16 i32 i64 u8"};
  for (const Line& line : lines) {
    std::printf("%s %s %s\n", line.name.c_str(), line.form, kTypes[static_cast<int>(line.domain)]);
  }
#define TESSERA_PRINT(Type, name) std::printf("%s compare %s bool\n", #name, kTypes[2]);
  TESSERA_COMPARE_OPS(TESSERA_PRINT)
#undef TESSERA_PRINT
#define TESSERA_PRINT(Type, name) std::printf("%s logical bool\n", #name);
  TESSERA_LOGICAL_OPS(TESSERA_PRINT)
#undef TESSERA_PRINT
#define TESSERA_PRINT(Type, name) std::printf("%s logical_unary bool\n", #name);
  TESSERA_LOGICAL_UNARY_OPS(TESSERA_PRINT)
#undef TESSERA_PRINT
  std::printf("where where b8 b16 b32 b64\n");
}

// ---- Optimizer steps ---------------------------------------------------------------------------

// Every rule with its switches either way, and with each of its numbers 0: what `apply` may branch
// on. f(trace of the step) for each that is different from those before.
template <class Rule, class F>
void for_each_variant(F f) {
  std::set<uint64_t> seen;
  const elementwise::OptionCounter options = elementwise::count_options<Rule>();
  const uint32_t switches = options.ints - 1;
  for (uint32_t set = 0; set < 1u << switches; ++set) {
    for (uint32_t zero = 0; zero <= options.doubles; ++zero) {
      int64_t ints[16];
      double doubles[16];
      for (uint32_t i = 0; i < switches; ++i) ints[i] = set >> i & 1;
      for (uint32_t i = 0; i < options.doubles; ++i) {
        doubles[i] = i == zero ? 0 : 0.5 / (i + 1);
      }
      const Rule rule = elementwise::rule_of<Rule>(ints, doubles);
      OptimizerTrace step(rule);
      if (seen.insert(step.plan.structure).second) f(step);
    }
  }
}

template <class Rule>
void print_rule(const char* op) {
  std::printf("#ifdef RULE_%s\nconst int kStates = %d;\n", op, Rule::kMaxStates);
  std::printf(
      "void update(inout VALUE p, VALUE g, inout VALUE s[kStates]) {\n  switch (VARIANT) {\n");
  int variant = 0;
  for_each_variant<Rule>([&](const OptimizerTrace& step) {
    const Printer printer(step.trace, step.plan, {"p", "g", "s[0]", "s[1]", "s[2]"},
                          Constants::kNumbered, false);
    std::printf("    case %d: {\n%s", variant++, printer.steps("      ").c_str());
    for (size_t i = 0; i < step.results.size(); ++i) {
      std::printf("      VALUE r%zu = %s;\n", i, printer.name(step.results[i]).c_str());
    }
    std::printf("      p = r0;\n");
    for (size_t i = 1; i < step.results.size(); ++i)
      std::printf("      s[%zu] = r%zu;\n", i - 1, i);
    std::printf("      break;\n    }\n");
  });
  std::printf("  }\n}\n#endif\n");
}

template <class Rule>
void print_variants(const char* op) {
  int variant = 0;
  for_each_variant<Rule>([&](const OptimizerTrace& step) {
    std::printf("{\"%s\", UINT64_C(0x%016llX), %d},\n", op,
                static_cast<unsigned long long>(step.plan.structure), variant++);
  });
}

}  // namespace
}  // namespace tessera::vulkan

int main(int argc, char** argv) {
  using namespace tessera::vulkan;
  namespace elementwise = tessera::elementwise;
  const std::string mode = argc == 2 ? argv[1] : "";
  if (mode == "list") {
    print_list();
  } else if (mode == "ops") {
    print_ops();
  } else if (mode == "optimizer") {
    std::printf("// Made by print_ops from backends/elementwise/optimizer.inc.\n");
#define TESSERA_PRINT(Rule, name) print_rule<elementwise::Rule>(#name);
    TESSERA_OPTIMIZER_STEPS(TESSERA_PRINT)
#undef TESSERA_PRINT
  } else if (mode == "variants") {
#define TESSERA_PRINT(Rule, name) print_variants<elementwise::Rule>(#name);
    TESSERA_OPTIMIZER_STEPS(TESSERA_PRINT)
#undef TESSERA_PRINT
  } else {
    std::fprintf(stderr, "usage: print_ops list|ops|optimizer|variants\n");
    return 2;
  }
  return 0;
}
