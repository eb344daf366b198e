begin
 drop table six;
end
