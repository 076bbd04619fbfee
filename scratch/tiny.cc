#include <chrono>
#include <cstdio>
#include "tessera/tensor/ops/ops.h"
#include "tessera/tensor/dispatch.h"
#include "tessera/tensor/launch.h"
using namespace tessera;
template<class F> void t(const char* n, F f, int reps=200000){ for(int i=0;i<1000;i++) f(); double best=1e9; for(int r=0;r<5;r++){auto a=std::chrono::steady_clock::now(); for(int i=0;i<reps;i++) f(); double s=std::chrono::duration<double>(std::chrono::steady_clock::now()-a).count()/reps; if(s<best)best=s;} printf("%s %.1f ns\n",n,best*1e9);}
int main(){ set_num_threads(1); Tensor a=rand({1}), b=rand({1}); DeviceState* d=a.device().state();
 t("tiny add",[&]{Tensor c=a+b;});
 t("alloc",[&]{ auto x=allocate(d,{kFloat32,{1}});});
 t("buffer",[&]{ auto x=Buffer::allocate(d,4);});
 t("impl",[&]{ auto x=make_ref<TensorImpl>();});
 t("view",[&]{ Tensor c=a.view({1,1});});
 t("relu",[&]{ Tensor c=a.relu();});
 t("mul scalar",[&]{ Tensor c=a*2.0;});
 Tensor x=rand({64,784}), y=rand({64,784});
 t("add 50k",[&]{Tensor c=x+y;},2000);
 t("relu 50k",[&]{Tensor c=x.relu();},2000);
}
